import { type ItemId, itemIdSchema, type RowOptions } from '../contract/job.ts';
import type { Limits } from '../contract/limits.ts';
import { textSchema } from '../contract/predict.ts';

/** Columns of the input that a result line repeats, in input order; every value can go into JSON. */
export type JoinedInput = readonly (readonly [column: string, value: unknown])[];

/** A row's text, or why it has none; its own name goes with both. */
export type ParsedRow =
  | {
      readonly ok: true;
      readonly text: string;
      readonly id?: ItemId;
      readonly input?: JoinedInput;
      /** How an embedding is written; without it as numbers. */
      readonly encoding?: 'base64';
    }
  | {
      readonly ok: false;
      readonly id?: ItemId;
      readonly error: { readonly code: string; readonly detail: string };
    };

/** Turns the value of a text field into a row. */
export type TextCheck = (text: unknown) => ParsedRow;

/** Columns in input order, by name. */
export type RowFields = ReadonlyMap<string, unknown>;

/** The check of a text; `field` is how the caller knows it. */
export function textCheckFor(limits: Limits, field: string): TextCheck {
  const schema = textSchema(limits);
  return (text) => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return { ok: true, text: parsed.data };
    if (text === undefined) return invalidRow(`the field "${field}" is missing`);
    const issue = parsed.error.issues[0];
    return invalidRow(
      issue?.code === 'invalid_type'
        ? `the field "${field}" must be a string`
        : String(issue?.message),
    );
  };
}

/** The reader of rows that have columns: their text, their id, and what `join` keeps of the rest. */
export function rowFieldsReaderFor(
  limits: Limits,
  textColumn: string,
  join: RowOptions['join'],
): (fields: RowFields) => ParsedRow {
  const checkText = textCheckFor(limits, textColumn);
  const isKept = keptColumns(textColumn, join);
  return (fields) => {
    const id = idOf(fields);
    if (id === 'invalid') return invalidRow(INVALID_ID);
    const parsed = checkText(fields.get(textColumn));
    const named = id === undefined ? parsed : { ...parsed, id };
    if (!named.ok || isKept === undefined) return named;
    return { ...named, input: [...fields].filter(([column]) => isKept(column)) };
  };
}

function keptColumns(
  textColumn: string,
  join: RowOptions['join'],
): ((column: string) => boolean) | undefined {
  if (join === undefined) return undefined;
  const named = new Set(join === true ? [textColumn, 'id', 'custom_id'] : join);
  return (column) => named.has(column) === (join !== true);
}

export const INVALID_ID = 'an id must be a whole number or a string of at most 256';

/** `id`, else `custom_id`; a missing one is undefined. */
export function idOf(fields: RowFields): ItemId | undefined | 'invalid' {
  let found: ItemId | undefined;
  for (const column of ['custom_id', 'id']) {
    const value = fields.get(column);
    if (value === undefined) continue;
    const parsed = itemIdSchema.safeParse(value);
    if (!parsed.success) return 'invalid';
    found = parsed.data;
  }
  return found;
}

export function invalidRow(detail: string): ParsedRow {
  return { ok: false, error: { code: 'invalid_row', detail } };
}
