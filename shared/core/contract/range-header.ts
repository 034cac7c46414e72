import type { ByteRange } from '../ports/object-store.ts';
import { SwitchyardError } from '../switchyard-error.ts';

/**
 * The part that a `Range` header asks for, or undefined for the whole object: without a header, with
 * another unit, several ranges or nonsense, as RFC 9110 section 14.2 allows. Throws
 * `range_not_satisfiable` for a range outside the object.
 */
export function parseRangeHeader(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return undefined;
  const startByte = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const endByte = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  if (startByte >= endByte) {
    throw new SwitchyardError('range_not_satisfiable', `the object has ${sizeBytes} bytes`, {
      members: { size_bytes: sizeBytes },
    });
  }
  return { startByte, endByte };
}
