import { SwitchyardError } from '../../switchyard-error.ts';

/** One request of one item. */
export interface Arrival {
  readonly seconds: number;
  readonly tokens: number;
}

/** Rows of a trace as its header names them. */
export type TraceRow = Readonly<Record<string, string>>;

export interface ArrivalOptions {
  /** Tokens of an item where the trace does not say. */
  readonly tokens: number;
  readonly tokenLimit: number;
  /**
   * Column with the counts.
   *
   * @default - the first one after the time
   */
  readonly column?: string;
  /**
   * Arrivals that are read at most.
   *
   * @default - all
   */
  readonly most?: number;
}

/**
 * Reads a trace of single requests (`t_s`, and `input_tokens` where it has them) or of counts per
 * period (`timestamp` and numbers); the requests of a period are spread over it. Throws
 * `invalid_setting` naming what the file lacks.
 */
export function readArrivals(
  rows: readonly TraceRow[],
  options: ArrivalOptions,
  fraction: () => number,
): readonly Arrival[] {
  const [first] = rows;
  if (first === undefined) throw unreadable('the trace has no rows');
  if (Object.hasOwn(first, 't_s')) return rows.slice(0, options.most).map(singleOf(options));
  if (Object.hasOwn(first, 'timestamp')) return countedArrivals(rows, options, fraction);
  throw unreadable('a trace has a column t_s (seconds), or timestamp and a column of counts');
}

function singleOf({ tokens, tokenLimit }: ArrivalOptions) {
  return (row: TraceRow, at: number): Arrival => {
    const seconds = Number(row['t_s']);
    const own = Number(row['input_tokens'] ?? tokens);
    if (!Number.isFinite(seconds) || !Number.isFinite(own)) {
      throw unreadable(`line ${at + 2}: t_s and input_tokens are numbers`);
    }
    return { seconds, tokens: Math.min(Math.max(1, own), tokenLimit) };
  };
}

function countedArrivals(
  rows: readonly TraceRow[],
  options: ArrivalOptions,
  fraction: () => number,
): readonly Arrival[] {
  const column = options.column ?? Object.keys(rows[0] ?? {}).find((name) => name !== 'timestamp');
  const periodSeconds = (timeOf(rows[1]) - timeOf(rows[0])) / 1_000;
  if (column === undefined || !(periodSeconds > 0)) {
    throw unreadable('the trace needs two rows of ascending timestamps and a column of counts');
  }
  const arrivals: Arrival[] = [];
  for (const [period, row] of rows.entries()) {
    const count = Number(row[column]);
    if (!Number.isFinite(count)) throw unreadable(`line ${period + 2}: ${column} is a number`);
    const places = Array.from({ length: Math.round(count) }, fraction);
    for (const place of places.sort((left, right) => left - right)) {
      arrivals.push({ seconds: (period + place) * periodSeconds, tokens: options.tokens });
      if (arrivals.length === options.most) return arrivals;
    }
  }
  return arrivals;
}

function timeOf(row: TraceRow | undefined): number {
  return Date.parse(`${(row?.['timestamp'] ?? '').replace(' ', 'T')}Z`);
}

/**
 * Made-up arrivals, the same for the same fractions: a mean rate that swings by the day, with bursts
 * that a quarter of an hour long triple it.
 */
export function generateArrivals(
  shape: { readonly perHour: number; readonly hours: number; readonly tokens: number },
  fraction: () => number,
): readonly Arrival[] {
  const arrivals: Arrival[] = [];
  const quarters = Math.ceil(shape.hours * 4);
  for (let quarter = 0; quarter < quarters; quarter += 1) {
    const swing = 1 + 0.8 * Math.sin((2 * Math.PI * quarter) / 96);
    const burst = fraction() < 0.05 ? 3 : 1;
    const perSecond = (shape.perHour / 3_600) * swing * burst;
    for (let seconds = 0; ; ) {
      seconds += -Math.log(1 - fraction()) / perSecond;
      if (seconds >= 900) break;
      arrivals.push({ seconds: quarter * 900 + seconds, tokens: shape.tokens });
    }
  }
  return arrivals;
}

function unreadable(detail: string): SwitchyardError {
  return new SwitchyardError('invalid_setting', `${detail}.`);
}
