import { mapLimited } from '#core/map-limited.ts';
import type { ObjectHead, ObjectSegment } from '#core/ports/object-store.ts';
import { MIN_PART_BYTES, type SourcePiece } from './plan-joined-parts.ts';
import { headS3Object } from './read-s3-object.ts';
import type { S3Access } from './s3-access.ts';
import { objectNotFound } from './s3-errors.ts';
import { checkedRange } from './stream-s3-object.ts';

const REQUESTS_IN_FLIGHT = 16;

/**
 * The exact pieces that segments stand for. A short segment with a range is taken on trust, since
 * its bytes are read anyway and prove it: a join of 40,000 cells then needs no HEAD. With
 * `trust: 'none'` every source is asked. Throws `object_not_found` for a missing one.
 */
export async function measureSources(
  access: S3Access,
  segments: readonly ObjectSegment[],
  options: { readonly trust: 'short-ranges' | 'none' },
): Promise<SourcePiece[]> {
  const heads = new Map<string, Promise<ObjectHead>>();
  return await mapLimited(segments, { limit: REQUESTS_IN_FLIGHT }, async ({ key, range }) => {
    const { startByte, endByte } = checkedRange(range);
    const span = endByte - startByte;
    if (options.trust === 'short-ranges' && span > 0 && span < MIN_PART_BYTES) {
      access.locate(key);
      return { key, startByte, sizeBytes: span };
    }
    const head = heads.get(key) ?? headOfSource(access, key);
    heads.set(key, head);
    const { sizeBytes, etag } = await head;
    return {
      key,
      startByte,
      sizeBytes: Math.max(0, Math.min(endByte, sizeBytes) - startByte),
      etag,
    };
  });
}

async function headOfSource(access: S3Access, key: string): Promise<ObjectHead> {
  const head = await headS3Object(access, key);
  if (head === undefined) {
    throw objectNotFound();
  }
  return head;
}
