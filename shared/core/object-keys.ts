import { SwitchyardError } from './switchyard-error.ts';

const maxKeyBytes = 900;
const maxSegmentBytes = 255;

/** Throws `invalid_key` unless `key` keeps the rules of the object store; says which one it breaks. */
export function assertObjectKey(key: string): void {
  const fault = key === '' ? 'is empty' : faultOf(key, key.split('/'));
  if (fault !== undefined) {
    throw invalidKey(`The object key ${fault}.`);
  }
}

/** Whether an object of this name can exist; what lies in a folder by other hands may not. */
export function isObjectKey(key: string): boolean {
  return key !== '' && faultOf(key, key.split('/')) === undefined;
}

/** As for keys, but a prefix may be empty and its last segment may be a part of one. */
export function assertObjectPrefix(prefix: string): void {
  const whole = prefix.split('/').slice(0, -1);
  const fault = faultOf(prefix, whole);
  if (fault !== undefined) {
    throw invalidKey(`The prefix of object keys ${fault}.`);
  }
}

/** Negative, 0 or positive: the order of the UTF-8 bytes, in which stores list their keys. */
export function compareObjectKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const leftUnit = left.charCodeAt(at);
    const rightUnit = right.charCodeAt(at);
    if (leftUnit !== rightUnit) {
      return utf8Rank(leftUnit) - utf8Rank(rightUnit);
    }
  }
  return left.length - right.length;
}

function faultOf(key: string, segments: readonly string[]): string | undefined {
  // A lone surrogate and U+FFFD have the same UTF-8 bytes: two keys would name one object.
  if (!key.isWellFormed()) {
    return 'is not valid Unicode';
  }
  if (key.includes('\0')) {
    return 'holds a NUL character';
  }
  if (utf8Bytes(key) > maxKeyBytes) {
    return `is longer than ${maxKeyBytes} bytes of UTF-8`;
  }
  return segments.map(segmentFault).find((fault) => fault !== undefined);
}

function segmentFault(segment: string): string | undefined {
  if (segment === '') {
    return 'has an empty segment (a leading, trailing or double "/")';
  }
  if (segment === '.' || segment === '..') {
    return 'has a "." or ".." segment';
  }
  if (utf8Bytes(segment) > maxSegmentBytes) {
    return `has a segment longer than ${maxSegmentBytes} bytes of UTF-8`;
  }
  return undefined;
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

// UTF-16 puts surrogates (code points from 0x10000) below U+E000–U+FFFF, UTF-8 puts them above.
function utf8Rank(unit: number): number {
  if (unit < 0xd800) {
    return unit;
  }
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

function invalidKey(what: string): SwitchyardError {
  return new SwitchyardError(
    'invalid_key',
    `${what} Use 1–${maxKeyBytes} bytes: segments of 1–${maxSegmentBytes} bytes joined by "/".`,
  );
}
