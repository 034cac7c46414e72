import type { RowPlace } from '#core/formats/output-lines.ts';
import type { ParsedRow } from '#core/formats/read-row-fields.ts';
import type { PlacedRow } from './input-reader.ts';

/** Joins what a row says with where it stands. */
export function placeRow(
  place: Pick<RowPlace, 'index' | 'line' | 'offset'>,
  parsed: ParsedRow,
): PlacedRow {
  const id = parsed.id === undefined ? {} : { id: parsed.id };
  const input = parsed.ok && parsed.input !== undefined ? { input: parsed.input } : {};
  return { ...place, ...id, ...input, parsed };
}
