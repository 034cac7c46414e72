import type { RowFields } from './read-row-fields.ts';

/** The fields of a JSON object, in its order; `Object.prototype` has none of them. */
export function jsonFields(value: object): RowFields {
  return new Map(Object.entries(value));
}

/**
 * The same value with every number as it was written: a 64-bit key that a row carries would
 * otherwise come out as another one.
 */
export function exactNumbers(text: string, value: object): object {
  if (!LONG_NUMBER.test(text)) return value;
  return JSON.parse(text, asWritten) as object;
}

// A double keeps every number of up to 15 digits.
const LONG_NUMBER = /[\d.]{16}/;

function asWritten(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || source === undefined || !LONG_NUMBER.test(source)) return value;
  return rawJson.rawJSON(source);
}

// Newer than the type declarations; Node 24 has it.
const rawJson = JSON as unknown as { rawJSON(text: string): unknown };
