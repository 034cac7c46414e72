import type { ChargeLine, LedgerRow } from '../ledger-row.ts';
import { addUsd, sumUsd, Usd } from '../usd.ts';
import { UsdCounter } from '../usd-counter.ts';

/** What a ledger adds up to. Every split has the same total, exactly. */
export interface LedgerSummary {
  readonly from: string;
  readonly to: string;
  readonly requests: number;
  readonly attempts: number;
  /** Requests with answers that were asked of another. */
  readonly escalations: number;
  /** Runs of the warmer; they are no requests, and belong to the whole deployment. */
  readonly warmUps: number;
  readonly jobs: number;
  readonly requestItems: number;
  readonly jobItems: number;
  readonly tokens: number;
  /** Decimal string: the exact sum. */
  readonly usd: string;
  readonly metered: boolean;
  /** Items that were used and whose price nobody knows: `usd` is a lower bound where there are any. */
  readonly unpriced: readonly string[];
  readonly byKind: readonly Share[];
  readonly byLane: readonly Share[];
  readonly byModel: readonly Share[];
  readonly byTenant: readonly Share[];
  readonly byItem: readonly Share[];
  readonly byDay: readonly Share[];
  /** Mean time of a request that the model answered, in milliseconds; undefined without one. */
  readonly meanCallMillis: number | undefined;
  /** Mean time of the model per item of a job on CPUs, in milliseconds; undefined without one. */
  readonly meanBulkMillis: number | undefined;
  readonly priciestJobs: readonly JobCharge[];
}

interface Share {
  readonly name: string;
  readonly usd: string;
}

export interface JobCharge {
  readonly job: string;
  readonly items: number;
  readonly usd: number;
}

const LAMBDA_GB = 1_769 / 1_024;
const SHOWN_JOBS = 20;

/** Adds up rows. Of several rows of one attempt the last stands: a resumed job is charged anew. */
export async function summarizeLedger(
  rows: AsyncIterable<LedgerRow> | Iterable<LedgerRow>,
  range: { readonly fromMillis: number; readonly toMillis: number },
): Promise<LedgerSummary> {
  const adder = new LedgerAdder();
  for await (const row of rows) adder.add(row);
  return adder.summary(range);
}

/** What lines are told apart by; each split adds up the lines that have one name in common. */
type Names = Readonly<Record<(typeof splits)[number], string>>;
const splits = ['byKind', 'byLane', 'byModel', 'byTenant', 'byItem', 'byDay'] as const;

function namesOf(row: LedgerRow, line: ChargeLine): Names {
  return {
    byKind: line.kind,
    byLane: row.lane,
    byModel: row.model ?? 'none',
    byTenant: row.tenant,
    byItem: line.item,
    byDay: row.at.slice(0, 10),
  };
}

class LedgerAdder {
  readonly #attempts = new Map<string, LedgerRow>();
  /** Lines that all splits put together. */
  readonly #cells = new Map<string, { readonly names: Names; readonly usd: UsdCounter }>();
  readonly #jobs = new Map<string, { items: number; usd: Usd }>();
  readonly #total = new UsdCounter();
  #requests = 0;
  #warmUps = 0;
  #escalations = 0;
  readonly #unpriced = new Set<string>();
  #requestItems = 0;
  #tokens = 0;
  #answeredCalls = 0;
  #answeredGbSeconds = 0;
  #fleetItems = 0;
  #fleetGbSeconds = 0;
  #metered = true;
  #first = '';
  #last = '';

  add(row: LedgerRow): void {
    // Attempts may come again, so they are added up at the end.
    if (row.source === 'attempt') this.#attempts.set(row.id, row);
    else if (row.source === 'request') this.#addRequest(row);
    else if (row.source === 'escalation') this.#addEscalation(row);
    else this.#addWarmUp(row);
  }

  #addEscalation(row: LedgerRow): void {
    this.#escalations += 1;
    this.#count(row);
  }

  #addWarmUp(row: LedgerRow): void {
    this.#warmUps += 1;
    this.#count(row);
  }

  #addRequest(row: LedgerRow): void {
    this.#requests += 1;
    this.#requestItems += row.items;
    this.#count(row);
    const gbSeconds = usefulGbSeconds(row);
    if (gbSeconds === undefined) return;
    this.#answeredCalls += 1;
    this.#answeredGbSeconds += gbSeconds;
  }

  #addAttempt(row: LedgerRow): void {
    this.#count(row);
    const gbSeconds = usefulGbSeconds(row);
    if (gbSeconds !== undefined) {
      this.#fleetItems += row.items;
      this.#fleetGbSeconds += gbSeconds;
    }
    if (row.job === null) return;
    const job = this.#jobs.get(row.job) ?? { items: 0, usd: new Usd(0) };
    this.#jobs.set(row.job, { items: job.items + row.items, usd: job.usd.plus(row.usd) });
  }

  #count(row: LedgerRow): void {
    this.#total.add(row.usd);
    this.#tokens += row.tokens;
    for (const { item, unpriced } of row.lines) if (unpriced) this.#unpriced.add(item);
    this.#metered &&= row.basis === 'metered';
    if (this.#first === '' || row.at < this.#first) this.#first = row.at;
    if (row.at > this.#last) this.#last = row.at;
    for (const line of row.lines) {
      const names = namesOf(row, line);
      const key = Object.values(names).join('\u0000');
      let cell = this.#cells.get(key);
      if (cell === undefined) {
        cell = { names, usd: new UsdCounter() };
        this.#cells.set(key, cell);
      }
      cell.usd.add(line.usd);
    }
  }

  summary(range: { readonly fromMillis: number; readonly toMillis: number }): LedgerSummary {
    for (const row of this.#attempts.values()) this.#addAttempt(row);
    const jobs = [...this.#jobs].map(([job, { items, usd }]) => ({
      job,
      items,
      usd: usd.toNumber(),
    }));
    return {
      from: this.#first || new Date(range.fromMillis).toISOString(),
      to: this.#last || new Date(range.toMillis).toISOString(),
      requests: this.#requests,
      attempts: this.#attempts.size,
      escalations: this.#escalations,
      warmUps: this.#warmUps,
      jobs: jobs.length,
      requestItems: this.#requestItems,
      jobItems: jobs.reduce((sum, { items }) => sum + items, 0),
      tokens: this.#tokens,
      usd: this.#total.sum().toFixed(),
      metered: this.#metered && this.#requests + this.#attempts.size > 0,
      unpriced: [...this.#unpriced].sort(),
      byKind: this.#sharesOf('byKind'),
      byLane: this.#sharesOf('byLane'),
      byModel: this.#sharesOf('byModel'),
      byTenant: this.#sharesOf('byTenant'),
      byItem: this.#sharesOf('byItem'),
      byDay: this.#sharesOf('byDay'),
      meanCallMillis: meanMillis(this.#answeredGbSeconds, this.#answeredCalls),
      meanBulkMillis: meanMillis(this.#fleetGbSeconds, this.#fleetItems),
      priciestJobs: jobs.toSorted((x, y) => y.usd - x.usd).slice(0, SHOWN_JOBS),
    };
  }

  #sharesOf(name: (typeof splits)[number]): readonly Share[] {
    const usdByName = new Map<string, Usd>();
    for (const { names, usd } of this.#cells.values()) {
      const part = names[name];
      addUsd(usdByName, part, usd.sum());
    }
    const shares = [...usdByName];
    const ordered =
      name === 'byDay'
        ? shares.sort(([x], [y]) => x.localeCompare(y))
        : shares.sort(([, x], [, y]) => y.comparedTo(x));
    return ordered.map(([part, usd]) => ({ name: part, usd: usd.toFixed() }));
  }
}

/** Lambda time of a row that brought something; undefined where it has none. */
function usefulGbSeconds({ lines, items }: LedgerRow): number | undefined {
  if (items === 0) return undefined;
  return lines.find(({ item, kind }) => item.startsWith('lambda duration') && kind === 'useful')
    ?.quantity;
}

function meanMillis(gbSeconds: number, count: number): number | undefined {
  return count === 0 ? undefined : (gbSeconds / count / LAMBDA_GB) * 1_000;
}

/** True where a split adds up to the total, digit by digit; a report refuses to be shown otherwise. */
export function addsUp(summary: LedgerSummary): boolean {
  const { byKind, byLane, byModel, byTenant, byItem, byDay, usd } = summary;
  return [byKind, byLane, byModel, byTenant, byItem, byDay].every((shares) =>
    sumUsd(shares.map((share) => share.usd)).eq(usd),
  );
}
