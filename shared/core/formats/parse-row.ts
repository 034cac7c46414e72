import { z } from 'zod';
import { type InputFormat, type ItemId, itemIdSchema } from '../contract/job.ts';
import type { Limits } from '../contract/limits.ts';
import { parseJson } from '../contract/parse-json.ts';
import { textSchema } from '../contract/predict.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import type { Line } from './split-lines.ts';

/** A row's text, or why it has none; its own name goes with both. */
export type ParsedRow =
  | { readonly ok: true; readonly text: string; readonly id?: ItemId }
  | {
      readonly ok: false;
      readonly id?: ItemId;
      readonly error: { readonly code: string; readonly detail: string };
    };

/** Reads one row of a job's input. Never throws: a bad row is recorded, its neighbours go on. */
export type RowParser = (line: Line) => ParsedRow;

/** The parser of a format. Fields of a JSONL row other than `text`, `id`, `custom_id` are ignored. */
export function rowParserFor(format: InputFormat, limits: Limits): RowParser {
  const parseText = textParser(limits);
  switch (format) {
    case 'jsonl':
      return (line) => guarded(line, limits, (content) => parseJsonRow(content, limits, parseText));
    case 'lines':
      return (line) => guarded(line, limits, (content) => parseText(decodeUtf8(content)));
  }
}

const idSchema = z.looseObject({ id: itemIdSchema.optional(), custom_id: itemIdSchema.optional() });

function parseJsonRow(
  content: Uint8Array,
  limits: Limits,
  parseText: (text: unknown) => ParsedRow,
): ParsedRow {
  const value = parseJson(content, limits);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return invalidRow('a row must be a JSON object with a field "text"');
  }
  const ids = idSchema.safeParse(value);
  if (!ids.success) return invalidRow('an id must be a whole number or a string of at most 256');
  const id = ids.data.id ?? ids.data.custom_id;
  const parsed = parseText('text' in value ? value.text : undefined);
  return id === undefined ? parsed : { ...parsed, id };
}

function textParser(limits: Limits): (text: unknown) => ParsedRow {
  const schema = textSchema(limits);
  return (text) => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return { ok: true, text: parsed.data };
    const issue = parsed.error.issues[0];
    return invalidRow(
      issue?.code === 'invalid_type' ? 'the field "text" must be a string' : String(issue?.message),
    );
  };
}

function guarded(line: Line, limits: Limits, parse: (content: Uint8Array) => ParsedRow): ParsedRow {
  if (line.content === undefined) {
    const detail = `the line has ${line.sizeBytes} bytes; the limit is ${limits.lineBytes}`;
    return { ok: false, error: { code: 'line_too_long', detail } };
  }
  try {
    return parse(line.content);
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    return { ok: false, error: { code: error.code, detail: error.detail } };
  }
}

function decodeUtf8(content: Uint8Array): string {
  try {
    return utf8.decode(content);
  } catch {
    throw new SwitchyardError(
      'invalid_utf8',
      'the line is not valid UTF-8; save the file as UTF-8',
    );
  }
}

// ignoreBOM keeps a BOM inside the file as a character; the one at the file's start is gone already.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function invalidRow(detail: string): ParsedRow {
  return { ok: false, error: { code: 'invalid_row', detail } };
}
