import { SwitchyardError } from '../switchyard-error.ts';

/**
 * The key of an `Idempotency-Key` header, bare or as a quoted structured-field string; undefined
 * without a header. Throws `invalid_request` unless it is 1–255 visible ASCII characters.
 */
export function parseIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const trimmed = header.trim();
  const key = /^".*"$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
  if (/^[!-~]{1,255}$/.test(key)) return key;
  throw new SwitchyardError(
    'invalid_request',
    'Idempotency-Key must have 1 to 255 visible ASCII characters; a UUID does',
    { members: { param: 'Idempotency-Key', limit_characters: 255 } },
  );
}
