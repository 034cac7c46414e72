import { mapLimited } from '#core/map-limited.ts';
import type { ObjectSegment } from '#core/ports/object-store.ts';
import { measureSources } from './measure-sources.ts';
import {
  planJoinedParts,
  SINGLE_PUT_BYTES,
  type SourcePiece,
  SourceShorter,
} from './plan-joined-parts.ts';
import { headS3Object } from './read-s3-object.ts';
import type { S3Access } from './s3-access.ts';
import { streamS3Object } from './stream-s3-object.ts';
import { uploadJoinedParts } from './upload-joined-parts.ts';
import { putS3ObjectIfAbsent, writeIfAbsent } from './write-s3-object.ts';

/**
 * Joins segments into a new object unless one is there: by one PUT up to 8 MiB, above it by a
 * multipart upload whose last step is the condition. An upload that is not finished is aborted; one
 * left by a killed process, or by a lost answer to its creation, is for the bucket's rule
 * AbortIncompleteMultipartUpload.
 */
export async function joinS3Objects(
  access: S3Access,
  key: string,
  segments: readonly ObjectSegment[],
): Promise<boolean> {
  if ((await headS3Object(access, key)) !== undefined) {
    return false;
  }
  try {
    const pieces = await measureSources(access, segments, { trust: 'short-ranges' });
    return await joinPieces(access, key, pieces);
  } catch (error) {
    if (!(error instanceof SourceShorter)) {
      throw error;
    }
    const pieces = await measureSources(access, segments, { trust: 'none' });
    return await joinPieces(access, key, pieces);
  }
}

async function joinPieces(
  access: S3Access,
  key: string,
  pieces: readonly SourcePiece[],
): Promise<boolean> {
  const totalBytes = pieces.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  if (totalBytes <= SINGLE_PUT_BYTES) {
    return await putS3ObjectIfAbsent(access, key, await readPieces(access, pieces, totalBytes));
  }
  const location = access.locate(key);
  const parts = planJoinedParts(pieces);
  return await writeIfAbsent(access, location, (marking) =>
    uploadJoinedParts(access, { location, marking, parts, readPieces }),
  );
}

/** Requests of one joined part; with a few parts at a time, dozens are in flight. */
const READS_PER_PART = 16;

/** The bytes of pieces, one after the other. Throws {@link SourceShorter} where one lacks some. */
async function readPieces(
  access: S3Access,
  pieces: readonly SourcePiece[],
  totalBytes: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(totalBytes);
  let end = 0;
  const placed = pieces.map((piece) => {
    const at = end;
    end += piece.sizeBytes;
    return { piece, at };
  });
  await mapLimited(placed, { limit: READS_PER_PART }, async ({ piece, at }) => {
    const target = bytes.subarray(at, at + piece.sizeBytes);
    if ((await readInto(access, piece, target)) < piece.sizeBytes) {
      throw new SourceShorter();
    }
  });
  return bytes;
}

async function readInto(access: S3Access, piece: SourcePiece, target: Uint8Array): Promise<number> {
  const { key, startByte, sizeBytes, etag } = piece;
  const range = { startByte, endByte: startByte + sizeBytes };
  let filled = 0;
  const options = etag === undefined ? { range } : { range, ifMatch: etag };
  for await (const chunk of streamS3Object(access, key, options)) {
    target.set(chunk, filled);
    filled += chunk.length;
  }
  return filled;
}
