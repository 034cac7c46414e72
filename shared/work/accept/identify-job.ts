import { createHash, createHmac } from 'node:crypto';
import { canonicalJson } from '#core/formats/canonical-json.ts';

/**
 * A job's id: an HMAC over what makes two submissions the same one. A repeated event or request gives
 * the same id, and without the deployment's secret nobody can compute another tenant's.
 */
export function jobIdFor(secret: string, identity: readonly string[]): string {
  const mac = createHmac('sha256', secret).update(JSON.stringify(identity)).digest();
  return `job_${base32(mac.subarray(0, 16))}`;
}

/** SHA-256 of a request, the same for the same content whatever the order of its fields. */
export function requestSha256(request: unknown): string {
  return createHash('sha256').update(canonicalJson(request)).digest('hex');
}

// Crockford's alphabet in lower case: safe in file names, URLs and case-insensitive systems.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0x1fff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(value >> bits) & 31];
    }
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text;
}
