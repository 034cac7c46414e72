import type { InputFormat, RowOptions } from '../contract/job.ts';
import type { Limits } from '../contract/limits.ts';
import { parseJson } from '../contract/parse-json.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import { exactNumbers, jsonFields } from './json-fields.ts';
import { openaiRowReaderFor } from './parse-openai-row.ts';
import { invalidRow, type ParsedRow, rowFieldsReaderFor, textCheckFor } from './read-row-fields.ts';
import type { Line } from './split-lines.ts';

/** Formats in which a row is one physical line. */
export type LineFormat = Extract<InputFormat, 'jsonl' | 'lines'>;

/** Reads one row of a job's input. Never throws: a bad row is recorded, its neighbours go on. */
export type RowParser = (line: Pick<Line, 'content' | 'sizeBytes'>) => ParsedRow;

/** How rows are read; `model` is the one that an OpenAI row may name. */
export interface RowReading extends RowOptions {
  readonly model?: string;
}

/** The parser of a line format. Fields of a JSONL row that nobody asked for are ignored. */
export function rowParserFor(
  format: LineFormat,
  limits: Limits,
  reading: RowReading = {},
): RowParser {
  const parse = format === 'lines' ? plainParser(limits) : jsonParser(limits, reading);
  return (line) => guarded(line, limits, parse);
}

function plainParser(limits: Limits): (content: Uint8Array) => ParsedRow {
  const checkText = textCheckFor(limits, 'text');
  return (content) => checkText(decodeUtf8(content));
}

function jsonParser(limits: Limits, reading: RowReading): (content: Uint8Array) => ParsedRow {
  const textColumn = reading.textColumn ?? 'text';
  const read =
    reading.shape === 'openai'
      ? openaiRowReaderFor(limits, reading.model)
      : rowFieldsReaderFor(limits, textColumn, reading.join);
  return (content) => {
    const value = parseJson(content, limits);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return invalidRow(`a row must be a JSON object with a field "${textColumn}"`);
    }
    if (reading.join === undefined) return read(jsonFields(value));
    return read(jsonFields(exactNumbers(decodeUtf8(content), value)));
  };
}

/** Runs a parser over a line; what it refuses with a typed error becomes the row's error. */
export function guarded(
  line: Pick<Line, 'content' | 'sizeBytes'>,
  limits: Limits,
  parse: (content: Uint8Array) => ParsedRow,
): ParsedRow {
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

/** The text of a line or record. Throws `invalid_utf8`. */
export function decodeUtf8(content: Uint8Array): string {
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
