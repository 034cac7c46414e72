import { SwitchyardError } from '../switchyard-error.ts';
import { locateJsonError } from './locate-json-error.ts';

/** Reads one JSON value from bytes. Throws `invalid_utf8` or `invalid_json`; neither repeats the input. */
export function parseJson(bytes: Uint8Array, limits: { readonly jsonDepth: number }): unknown {
  return parseJsonText(decodeUtf8(bytes), limits);
}

/** The text of UTF-8 bytes without a byte order mark. Throws `invalid_utf8`. */
function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SwitchyardError('invalid_utf8', 'the bytes are not valid UTF-8; send UTF-8 text');
  }
}

/** Reads one JSON value from a text. Throws `invalid_json` with the place of the first error. */
export function parseJsonText(text: string, limits: { readonly jsonDepth: number }): unknown {
  if (text.trim() === '') {
    throw new SwitchyardError('invalid_json', 'there is nothing to read; send a JSON value');
  }
  refuseDeepJson(text, limits.jsonDepth);
  try {
    return JSON.parse(text);
  } catch {
    const position = locateJsonError(text);
    throw new SwitchyardError(
      'invalid_json',
      `the JSON is malformed at ${place(text, position)}; send one JSON value`,
      { members: { position } },
    );
  }
}

/** A linear scan before anything recurses into the value; brackets in strings do not count. */
function refuseDeepJson(text: string, jsonDepth: number): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) at = closingQuote(text, at);
    else depth += nesting(unit);
    if (depth > jsonDepth) throw tooDeep(jsonDepth, at);
  }
}

/** Where the string that starts at `at` ends; the end of the text where it never does. */
function closingQuote(text: string, at: number): number {
  for (let next = at + 1; next < text.length; next += 1) {
    const unit = text.charCodeAt(next);
    if (unit === 0x22) return next;
    if (unit === 0x5c) next += 1;
  }
  return text.length;
}

/** +1 for `[` and `{`, -1 for `]` and `}`. */
function nesting(unit: number): number {
  if (unit === 0x5b || unit === 0x7b) return 1;
  return unit === 0x5d || unit === 0x7d ? -1 : 0;
}

function tooDeep(jsonDepth: number, position: number): SwitchyardError {
  return new SwitchyardError(
    'invalid_json',
    `the JSON is nested deeper than ${jsonDepth} levels; flatten it`,
    { members: { limit_depth: jsonDepth, position } },
  );
}

function place(text: string, position: number): string {
  const before = text.slice(0, position);
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return `position ${position} (line ${line}, column ${position - lineStart + 1})`;
}
