import { mapLimited } from '#core/map-limited.ts';
import { type JoinedPart, type SourcePiece, SourceShorter } from './plan-joined-parts.ts';
import type { S3Access, S3Location } from './s3-access.ts';
import { isAbsentObject, objectChanged, objectNotFound, statusOf } from './s3-errors.ts';
import type { WriteMarking } from './write-s3-object.ts';

/** Copies cost this process nothing but a socket. */
const COPIES_IN_FLIGHT = 16;

/** Bytes that joined parts may hold at once; one part above it goes alone. */
const JOIN_MEMORY_BYTES = 32 * 1024 ** 2;

export interface JoinedUpload {
  readonly location: S3Location;
  readonly marking: WriteMarking;
  readonly parts: readonly JoinedPart[];
  readonly readPieces: (
    access: S3Access,
    pieces: readonly SourcePiece[],
    totalBytes: number,
  ) => Promise<Uint8Array>;
}

/**
 * One multipart upload from creation to conditional completion. Whatever fails, the upload is
 * aborted after its last request has ended, and the failure is thrown: 412 and 409 of the completion
 * mean what they mean for a conditional PUT.
 */
export async function uploadJoinedParts(access: S3Access, upload: JoinedUpload): Promise<void> {
  const { location } = upload;
  const requests = await access.requests();
  const { UploadId } = await requests.createUpload({ ...location, ...upload.marking });
  const target = { ...location, UploadId };
  try {
    const parts = await uploadParts(access, { upload, target });
    await requests.completeUpload({
      ...target,
      MultipartUpload: { Parts: parts },
      IfNoneMatch: '*',
    });
  } catch (error) {
    // What fails here is left to the bucket's rule for unfinished uploads.
    await requests.abortUpload(target).catch(() => {});
    throw error;
  }
}

interface UploadTarget extends S3Location {
  readonly UploadId: string | undefined;
}

interface UploadedPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
  readonly ChecksumCRC32: string | undefined;
}

async function uploadParts(
  access: S3Access,
  { upload, target }: { readonly upload: JoinedUpload; readonly target: UploadTarget },
): Promise<UploadedPart[]> {
  const requests = await access.requests();
  const numbered = upload.parts.map((part, index) => ({ part, PartNumber: index + 1 }));
  const copies = numbered.flatMap(({ part, PartNumber }) =>
    part.kind === 'copy' ? [{ piece: part.piece, PartNumber }] : [],
  );
  const joins = numbered.flatMap(({ part, PartNumber }) =>
    part.kind === 'join' ? [{ part, PartNumber }] : [],
  );
  const stop = new AbortController();
  const longest = Math.max(1, ...joins.map(({ part }) => part.sizeBytes));
  const joinsInFlight = Math.max(1, Math.floor(JOIN_MEMORY_BYTES / longest));
  const copied = mapLimited(copies, { limit: COPIES_IN_FLIGHT, stop }, ({ piece, PartNumber }) =>
    copyPart(access, { ...target, PartNumber }, piece),
  );
  const joined = mapLimited(joins, { limit: joinsInFlight, stop }, async ({ part, PartNumber }) => {
    const body = await upload.readPieces(access, part.pieces, part.sizeBytes);
    const output = await requests.uploadPart({ ...target, PartNumber, Body: body });
    return { PartNumber, ETag: output.ETag, ChecksumCRC32: output.ChecksumCRC32 };
  });
  // Both have ended before anything is thrown: an abort beside a running part leaves that part.
  await Promise.allSettled([copied, joined]);
  const parts = [...(await copied), ...(await joined)];
  return parts.sort((left, right) => left.PartNumber - right.PartNumber);
}

async function copyPart(
  access: S3Access,
  target: UploadTarget & { readonly PartNumber: number },
  piece: SourcePiece,
): Promise<UploadedPart> {
  const requests = await access.requests();
  const { startByte, sizeBytes, etag } = piece;
  try {
    const output = await requests.copyPart({
      ...target,
      CopySource: copySourceOf(access.locate(piece.key)),
      CopySourceRange: `bytes=${startByte}-${startByte + sizeBytes - 1}`,
      ...(etag === undefined ? {} : { CopySourceIfMatch: `"${etag}"` }),
    });
    const { ETag, ChecksumCRC32 } = output.CopyPartResult ?? {};
    return { PartNumber: target.PartNumber, ETag, ChecksumCRC32 };
  } catch (error) {
    throw refusalOfCopy(error, etag);
  }
}

function copySourceOf({ Bucket, Key }: S3Location): string {
  return `${Bucket}/${Key.split('/').map(encodeURIComponent).join('/')}`;
}

// A refused source must not look like the refused condition of the completion.
function refusalOfCopy(error: unknown, etag: string | undefined): unknown {
  if (statusOf(error) === 412) {
    return objectChanged(error);
  }
  if (isAbsentObject(error) && !(error instanceof Error && error.name === 'NoSuchUpload')) {
    return objectNotFound();
  }
  const isRange = statusOf(error) === 400 || statusOf(error) === 416;
  return isRange && etag === undefined ? new SourceShorter() : error;
}
