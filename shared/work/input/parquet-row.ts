import type { ParsedRow, RowFields } from '#core/formats/read-row-fields.ts';
import { idColumns } from './parquet-columns.ts';
import { notUtf8 } from './parquet-pages.ts';

/**
 * Turns the values of a row into what it says. Whole numbers that JSON cannot hold exactly become
 * strings, points in time ISO 8601, other bytes base64; a null id is none.
 */
export function parquetRowParser(
  columns: readonly string[],
  read: (fields: RowFields) => ParsedRow,
): (values: readonly unknown[]) => ParsedRow {
  return (values) => {
    if (values.includes(notUtf8)) return invalidUtf8;
    const fields = new Map<string, unknown>();
    for (const [at, column] of columns.entries()) {
      const value = plainValue(values[at]);
      if (value !== null || !idColumns.includes(column)) fields.set(column, value);
    }
    return read(fields);
  };
}

const invalidUtf8: ParsedRow = {
  ok: false,
  error: { code: 'invalid_utf8', detail: 'a column of strings holds bytes that are not UTF-8' },
};

function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return value;
}
