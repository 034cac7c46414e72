import { asText, type ResultColumn } from './result-columns.ts';
import type { SizedLine } from './result-lines.ts';

/** Bytes that are handed on at once. */
const CHUNK_CHARACTERS = 65_536;
const END_OF_RECORD = '\r\n';

/**
 * RFC 4180 in UTF-8 without a byte order mark: a header, then one record per line, CRLF after each.
 * A missing value is an empty field, an empty string is `""`. Lists and objects are JSON. Values are
 * not changed, so a text such as `=1+1` is a formula to a spreadsheet that opens the file.
 */
export async function* encodeCsv(
  lines: AsyncIterable<SizedLine>,
  columns: readonly ResultColumn[],
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = columns.map(({ name }) => quoted(name)).join(',') + END_OF_RECORD;
  for await (const { line } of lines) {
    text += columns.map(({ valueIn }) => csvField(valueIn(line))).join(',') + END_OF_RECORD;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield encoder.encode(text);
    text = '';
  }
  if (text !== '') yield encoder.encode(text);
}

function csvField(value: unknown): string {
  if (value === undefined || value === null) return '';
  return value === '' ? '""' : quoted(asText(value));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
