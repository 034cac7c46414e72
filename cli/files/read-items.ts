import type { ItemId } from '#core/contract/job.ts';
import type { Limits } from '#core/contract/limits.ts';
import { rowParserFor } from '#core/formats/parse-row.ts';
import { splitLines } from '#core/formats/split-lines.ts';

interface InlineItem {
  readonly id?: ItemId;
  readonly text: string;
}

/** A file's rows as the items of one request, or why the file must travel as a file. */
export type InlineItems =
  | { readonly kind: 'items'; readonly items: readonly InlineItem[] }
  | { readonly kind: 'file'; readonly reason: string };

/** Formats whose rows are lines, each of which can become an item. */
type InlineFormat = 'jsonl' | 'lines';

/** Room for what stands around the items in the body. */
const envelopeBytes = 2_048;

/**
 * Reads rows for `POST /jobs` until one does not fit. A file with a bad row travels as a file: its
 * error row names a line and an offset, which inline items do not have.
 */
export async function readInlineItems(
  chunks: AsyncIterable<Uint8Array>,
  format: InlineFormat,
  limits: Limits,
): Promise<InlineItems> {
  const parseRow = rowParserFor(format, limits);
  const items: InlineItem[] = [];
  let bodyBytes = envelopeBytes;
  let lineNumber = 0;
  for await (const line of splitLines(chunks, { startByte: 0, lineBytes: limits.lineBytes })) {
    lineNumber += 1;
    if (line.blank) continue;
    const row = parseRow(line);
    if (!row.ok) {
      return { kind: 'file', reason: `line ${lineNumber} has an error: ${row.error.detail}` };
    }
    const item = row.id === undefined ? { text: row.text } : { id: row.id, text: row.text };
    items.push(item);
    bodyBytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    const reason = excess(items.length, bodyBytes, limits);
    if (reason !== undefined) return { kind: 'file', reason };
  }
  return { kind: 'items', items };
}

function excess(itemCount: number, bodyBytes: number, limits: Limits): string | undefined {
  if (itemCount > limits.requestItems) {
    return `it has more than ${limits.requestItems} rows, the most of one request`;
  }
  if (bodyBytes > limits.bodyBytes) {
    return `its rows need more than ${limits.bodyBytes} bytes, the most of one request`;
  }
  return undefined;
}
