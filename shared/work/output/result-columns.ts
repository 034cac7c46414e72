import { isRecord, type ResultLine, type SizedLine } from './result-lines.ts';

/** What the values of a column have in common; `json` where it is nothing. */
export type ColumnKind = 'integer' | 'number' | 'boolean' | 'string' | 'numbers' | 'json';

/** A column of a table made from results. */
export interface ResultColumn {
  readonly name: string;
  readonly kind: ColumnKind;
  /** The value in a line; undefined or null where it has none. */
  valueIn(line: ResultLine): unknown;
}

/** Columns of ours, in this order, with kinds that do not hang on the values of one job. */
const ownColumns: readonly (readonly [name: string, kind: ColumnKind | undefined])[] = [
  ['index', 'integer'],
  ['file', 'string'],
  ['id', undefined],
  ['label', 'string'],
  ['score', 'number'],
  ['scores', 'json'],
  ['embedding', undefined],
  ['truncated', 'boolean'],
  ['variant', 'string'],
];

/** Field of a result line that repeats columns of the input. */
const INPUT = 'input';

/**
 * The columns of all lines together: ours, then fields of other kinds, then the joined columns of the
 * input in the order in which they first appear. A joined column that is named like one of ours gets
 * `input.` in front. The same lines always give the same columns.
 */
export async function findResultColumns(lines: AsyncIterable<SizedLine>): Promise<ResultColumn[]> {
  const own = new Map<string, ColumnKind | undefined>();
  const input = new Map<string, ColumnKind | undefined>();
  for await (const { line } of lines) {
    for (const [name, value] of Object.entries(line)) {
      if (name === INPUT && isRecord(value)) noteAll(input, value);
      else note(own, name, value);
    }
  }
  // A table has at least one column, even without a line.
  if (own.size === 0) own.set('index', 'integer');
  const known = ownColumns.filter(([name]) => own.has(name));
  const others = [...own.keys()].filter((name) => !ownColumns.some(([each]) => each === name));
  const columns = [
    ...known.map(([name, kind]) => ownColumn(name, kind ?? own.get(name))),
    ...others.map((name) => ownColumn(name, own.get(name))),
  ];
  const taken = new Set(columns.map(({ name }) => name));
  for (const [key, kind] of input) {
    const name = freeName(key, taken);
    taken.add(name);
    columns.push({ name, kind: kind ?? 'string', valueIn: (line) => field(line[INPUT], key) });
  }
  return columns;
}

function ownColumn(name: string, kind: ColumnKind | undefined): ResultColumn {
  return { name, kind: kind ?? 'string', valueIn: (line) => field(line, name) };
}

function noteAll(kinds: Map<string, ColumnKind | undefined>, values: ResultLine): void {
  for (const [name, value] of Object.entries(values)) note(kinds, name, value);
}

function note(kinds: Map<string, ColumnKind | undefined>, name: string, value: unknown): void {
  const known = kinds.get(name);
  const kind = kindOf(value);
  kinds.set(name, kind === undefined || known === undefined ? (kind ?? known) : both(known, kind));
}

function kindOf(value: unknown): ColumnKind | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  return Array.isArray(value) && value.every(isNumber) ? 'numbers' : 'json';
}

function both(a: ColumnKind, b: ColumnKind): ColumnKind {
  if (a === b) return a;
  const isNumeric = [a, b].every((kind) => kind === 'integer' || kind === 'number');
  return isNumeric ? 'number' : 'json';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number';
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  return taken.has(name) ? freeName(`${INPUT}.${name}`, taken) : name;
}

function field(record: unknown, name: string): unknown {
  // A column may be named like something that every object inherits.
  return isRecord(record) && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A value as one piece of text: strings as they are, everything else as JSON. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
