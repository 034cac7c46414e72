import type { RowShape } from '../contract/job.ts';
import type { Limits } from '../contract/limits.ts';
import { jsonFields } from './json-fields.ts';
import {
  INVALID_ID,
  idOf,
  invalidRow,
  type ParsedRow,
  type RowFields,
  textCheckFor,
} from './read-row-fields.ts';

/**
 * Whether a JSON value is a line of OpenAI's batch API, `{custom_id, method, url, body}`, or a plain
 * row. A field `text` of its own makes a row plain.
 */
export function shapeOf(value: unknown): RowShape {
  if (!isObject(value) || Object.hasOwn(value, 'text')) return 'plain';
  const fields = jsonFields(value);
  const isRequest = fields.has('custom_id') || fields.has('url') || fields.has('method');
  return isRequest && isObject(fields.get('body')) ? 'openai' : 'plain';
}

/** The reader of OpenAI's batch lines: `body.input`, one string, or `body.text`. */
export function openaiRowReaderFor(
  limits: Limits,
  model: string | undefined,
): (fields: RowFields) => ParsedRow {
  const checkText = textCheckFor(limits, 'body.input');
  return (fields) => {
    const id = idOf(new Map([['custom_id', fields.get('custom_id')]]));
    if (id === 'invalid') return invalidRow(INVALID_ID);
    const parsed = readBody(fields, checkText, model);
    return id === undefined ? parsed : { ...parsed, id };
  };
}

function readBody(
  fields: RowFields,
  checkText: (text: unknown) => ParsedRow,
  model: string | undefined,
): ParsedRow {
  const method = fields.get('method') ?? 'POST';
  if (method !== 'POST') return invalidRow('the method of a batch line must be POST');
  const value = fields.get('body');
  if (!isObject(value)) return invalidRow('a batch line must have a "body" that is an object');
  const body = jsonFields(value);
  const wanted = body.get('model') ?? model;
  if (wanted !== model) {
    return invalidRow(`body.model is not "${model}", the model of the job; leave it out`);
  }
  if (body.has('dimensions')) {
    return invalidRow('body.dimensions is not supported; leave it out');
  }
  const parsed = checkText(oneText(body.get('input') ?? body.get('text')));
  return parsed.ok && body.get('encoding_format') === 'base64'
    ? { ...parsed, encoding: 'base64' }
    : parsed;
}

/** OpenAI allows a list; a line here is one item, so a list of one is the most. */
function oneText(input: unknown): unknown {
  return Array.isArray(input) && input.length === 1 ? input[0] : input;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
