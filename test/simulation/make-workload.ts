import type { SeededRandom } from '../fixtures/harness/random.ts';
import { REFUSED_TEXT } from './simulated-model.ts';

/** A row as it was made: what the job must say about it. */
export interface MadeRow {
  readonly index: number;
  readonly line: number;
  readonly offset: number;
  readonly id?: string | number;
  /** Text of a good row, or the error code of a bad one. */
  readonly outcome: { readonly text: string } | { readonly code: string };
}

export interface MadeInput {
  readonly bytes: Uint8Array;
  readonly rows: readonly MadeRow[];
}

/** A file of up to 200 rows: JSONL with blank lines, CRLF, bad rows, perhaps no final line end. */
export function makeJsonl(random: SeededRandom): MadeInput {
  const rows: MadeRow[] = [];
  const pieces: Uint8Array[] = [];
  const lines = random.below(8) === 0 ? random.below(3) : Math.floor(random.fraction() ** 2 * 200);
  let offset = 0;
  for (let line = 1; line <= lines; line += 1) {
    const { bytes, id, outcome } = makeLine(random, `${line}`);
    const piece = Buffer.concat([bytes, Buffer.from(makeLineEnd(random, line === lines))]);
    if (outcome !== undefined) {
      rows.push({ index: rows.length, line, offset, ...(id !== undefined && { id }), outcome });
    }
    pieces.push(piece);
    offset += piece.length;
  }
  return { bytes: Buffer.concat(pieces), rows };
}

function makeLineEnd(random: SeededRandom, isLast: boolean): string {
  if (isLast && random.below(3) === 0) return '';
  return random.below(5) === 0 ? '\r\n' : '\n';
}

/** Items of `POST /jobs`; some have no usable text. */
export function makeItems(random: SeededRandom): {
  items: { text: unknown; id?: string }[];
  input: MadeInput;
} {
  const rows: MadeRow[] = [];
  const items: { text: unknown; id?: string }[] = [];
  let offset = 0;
  const count = 1 + random.below(60);
  for (let index = 0; index < count; index += 1) {
    const isBad = random.below(10) === 0;
    const text = makeText(random, `i${index}`);
    const item = { text: isBad ? index : text, ...(random.below(2) === 0 && { id: `n${index}` }) };
    const outcome = isBad ? { code: 'invalid_row' } : outcomeOfText(text);
    const id = 'id' in item && item.id !== undefined ? { id: item.id } : {};
    rows.push({ index, line: index + 1, offset, ...id, outcome });
    items.push(item);
    offset += Buffer.byteLength(JSON.stringify(item)) + 1;
  }
  const lines = items.map((item) => `${JSON.stringify(item)}\n`);
  return { items, input: { bytes: Buffer.from(lines.join('')), rows } };
}

/** Another file of the same geometry: only its texts tell that somebody wrote it over the first. */
export function overwrittenInput({ bytes, rows }: MadeInput): MadeInput {
  // Byte by byte, since the file holds lines that are no UTF-8.
  const other = Buffer.from(bytes).toString('latin1').replaceAll('plain', 'PLAIN');
  return {
    bytes: Buffer.from(other, 'latin1'),
    rows: rows.map((row) =>
      'text' in row.outcome
        ? { ...row, outcome: { text: row.outcome.text.replaceAll('plain', 'PLAIN') } }
        : row,
    ),
  };
}

interface MadeLine {
  readonly bytes: Uint8Array;
  readonly id?: string | number;
  readonly outcome: MadeRow['outcome'] | undefined;
}

function makeLine(random: SeededRandom, name: string): MadeLine {
  const text = makeText(random, name);
  switch (random.below(24)) {
    case 0:
      return { bytes: Buffer.from(random.below(2) === 0 ? '' : ' \t'), outcome: undefined };
    case 1:
      return { bytes: Buffer.from('{"text": "broken'), outcome: { code: 'invalid_json' } };
    case 2:
      return { bytes: Buffer.from([0x7b, 0xff, 0x7d]), outcome: { code: 'invalid_utf8' } };
    case 3:
      return {
        bytes: Buffer.from(`{"id":"x${name}","text":null}`),
        id: `x${name}`,
        outcome: { code: 'invalid_row' },
      };
    case 4:
      return { bytes: Buffer.from('[1]'), outcome: { code: 'invalid_row' } };
    case 5:
      return {
        bytes: Buffer.from(JSON.stringify({ text: ' ' })),
        outcome: { code: 'invalid_row' },
      };
    default: {
      const id = random.below(2) === 0 ? { id: `r${name}` } : {};
      return {
        bytes: Buffer.from(JSON.stringify({ ...id, text })),
        ...id,
        outcome: outcomeOfText(text),
      };
    }
  }
}

function makeText(random: SeededRandom, name: string): string {
  if (random.below(15) === 0) return `${REFUSED_TEXT} ${name}`;
  const words = ['plain', 'größer', '東京', '🚂 rails', 'a "quoted" one', 'tab\tand\nline'];
  const length = 1 + random.below(3);
  return `${name} ${Array.from({ length }, () => words[random.below(words.length)]).join(' ')}`;
}

function outcomeOfText(text: string): MadeRow['outcome'] {
  return text.startsWith(REFUSED_TEXT) ? { code: 'unprocessable_input' } : { text };
}
