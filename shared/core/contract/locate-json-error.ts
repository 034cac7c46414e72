const whitespace = /[ \t\r\n]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literal = /true|false|null/y;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** Where scanning stopped: `ok` is false at the first character that no JSON can have there. */
interface Scan {
  readonly ok: boolean;
  readonly at: number;
}

/**
 * UTF-16 offset of the first character that makes `text` malformed. For texts that JSON.parse has
 * refused and whose nesting is bounded: V8 names the place only for some errors and repeats the
 * text in the others.
 */
export function locateJsonError(text: string): number {
  const value = scanValue(text, skip(whitespace, text, 0));
  return value.ok ? skip(whitespace, text, value.at) : value.at;
}

function scanValue(text: string, at: number): Scan {
  const first = text[at];
  if (first === '"') return scanString(text, at);
  if (first === '{') return scanMembers(text, at, { close: '}', scanMember });
  if (first === '[') return scanMembers(text, at, { close: ']', scanMember: scanValue });
  const end = Math.max(skip(number, text, at), skip(literal, text, at));
  return { ok: end > at, at: end };
}

function scanMembers(
  text: string,
  at: number,
  kind: { readonly close: string; readonly scanMember: (text: string, at: number) => Scan },
): Scan {
  let next = skip(whitespace, text, at + 1);
  if (text[next] === kind.close) return { ok: true, at: next + 1 };
  for (;;) {
    const member = kind.scanMember(text, next);
    if (!member.ok) return member;
    next = skip(whitespace, text, member.at);
    if (text[next] === kind.close) return { ok: true, at: next + 1 };
    if (text[next] !== ',') return { ok: false, at: next };
    next = skip(whitespace, text, next + 1);
  }
}

function scanMember(text: string, at: number): Scan {
  if (text[at] !== '"') return { ok: false, at };
  const key = scanString(text, at);
  if (!key.ok) return key;
  const colon = skip(whitespace, text, key.at);
  if (text[colon] !== ':') return { ok: false, at: colon };
  return scanValue(text, skip(whitespace, text, colon + 1));
}

function scanString(text: string, at: number): Scan {
  let next = at + 1;
  while (next < text.length) {
    const unit = text.charCodeAt(next);
    if (unit === 0x22) return { ok: true, at: next + 1 };
    if (unit < 0x20) return { ok: false, at: next };
    if (unit === 0x5c) {
      const end = skip(escapeSequence, text, next);
      if (end === next) return { ok: false, at: next };
      next = end;
    } else {
      next += 1;
    }
  }
  return { ok: false, at: next };
}

/** End of what the sticky pattern matches at `at`; `at` itself where it does not match. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
