import { Readable } from 'node:stream';
import type { ByteRange, ReadOptions } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { waitFullJitter } from './full-jitter.ts';
import type { S3Access, S3Location } from './s3-access.ts';
import { isAbsentObject, objectChanged, objectNotFound, statusOf } from './s3-errors.ts';
import type { S3Requests } from './s3-requests.ts';
import { decodeS3Version, etagOf, type S3Version, versionCondition } from './s3-version.ts';

/** Breaks of one body in a row without a byte between them; each is also retried by the SDK. */
const maxBreaks = 6;

/**
 * The bytes in chunks as they arrive. A connection that breaks inside the body is replaced by a
 * request for the rest of the same version (If-Match, and its version id where the bucket keeps
 * versions), so the consumer gets each byte once and never a mixture; without versions, an object
 * replaced meanwhile ends the stream with `object_changed`.
 */
export async function* streamS3Object(
  access: S3Access,
  key: string,
  options: ReadOptions,
): AsyncGenerator<Uint8Array> {
  const location = access.locate(key);
  const { startByte, endByte } = checkedRange(options.range);
  const wanted = options.ifMatch === undefined ? undefined : decodeS3Version(options.ifMatch);
  if (endByte <= startByte) {
    await assertThere(access, location, wanted);
    return;
  }
  let place: Place = { location, version: wanted, startByte, endByte };
  for (let breaks = 0; place.startByte < place.endByte; ) {
    const opened = await openBody(access, place);
    place = { ...place, version: opened.version, endByte: opened.endByte };
    try {
      for await (const chunk of cutTo(opened, place)) {
        place = { ...place, startByte: place.startByte + chunk.length };
        breaks = 0;
        yield chunk;
      }
      assertComplete(place);
    } catch (error) {
      breaks += 1;
      await waitAfterBreak(error, { place, breaks });
    }
  }
}

function assertComplete({ startByte, endByte }: ByteRange): void {
  if (startByte < endByte) {
    throw new SwitchyardError('internal', 'An answer of S3 ended before its length.');
  }
}

/** Waits before the rest, if any, is asked for; throws where that is not worth it. */
async function waitAfterBreak(
  error: unknown,
  { place, breaks }: { readonly place: Place; readonly breaks: number },
): Promise<void> {
  if (error instanceof Error && error.message.startsWith('Checksum mismatch')) {
    throw damaged(error);
  }
  // A connection that breaks after the last byte has done its work.
  if (place.startByte >= place.endByte) {
    return;
  }
  if (breaks >= maxBreaks) {
    throw error;
  }
  await waitFullJitter(breaks);
}

/** What is still to be read, and of which version once that is known. */
interface Place extends ByteRange {
  readonly location: S3Location;
  readonly version: S3Version | undefined;
}

type GetOutput = Awaited<ReturnType<S3Requests['get']>>;

interface OpenBody {
  readonly body: Readable;
  readonly version: S3Version;
  /** Where the body begins: not where it was asked to when the range was ignored, as HTTP allows. */
  readonly bodyStartByte: number;
  /** Where the wanted bytes end: the wanted end, cut to the object. */
  readonly endByte: number;
}

async function* cutTo(
  { body, bodyStartByte }: OpenBody,
  { startByte, endByte }: ByteRange,
): AsyncGenerator<Uint8Array> {
  let at = bodyStartByte;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    if (at >= endByte) {
      return;
    }
    const wanted = chunk.subarray(Math.max(0, startByte - at), Math.max(0, endByte - at));
    at += chunk.length;
    if (wanted.length > 0) {
      yield wanted;
    }
  }
}

async function openBody(access: S3Access, place: Place): Promise<OpenBody> {
  const requests = await access.requests();
  const { location, version, startByte, endByte } = place;
  const isWhole = startByte === 0 && endByte === Infinity;
  const last = endByte === Infinity ? '' : endByte - 1;
  try {
    const output = await requests.get({
      ...location,
      ...(version === undefined ? {} : versionCondition(version)),
      // A read of the whole is checked against the stored CRC; a range has none to check.
      ...(isWhole ? {} : { Range: `bytes=${startByte}-${last}` }),
    });
    return describeBody(output, place);
  } catch (error) {
    if (statusOf(error) === 416) {
      await assertThere(access, location, version);
      const nothing = { bodyStartByte: startByte, endByte: startByte };
      return { body: Readable.from([]), version: version ?? { etag: '' }, ...nothing };
    }
    throw refusalOf(error, version);
  }
}

async function assertThere(
  access: S3Access,
  location: S3Location,
  version: S3Version | undefined,
): Promise<void> {
  const requests = await access.requests();
  try {
    await requests.head({
      ...location,
      ...(version === undefined ? {} : versionCondition(version)),
    });
  } catch (error) {
    throw refusalOf(error, version);
  }
}

function refusalOf(error: unknown, version: S3Version | undefined): unknown {
  if (statusOf(error) === 412) {
    return objectChanged(error);
  }
  if (!isAbsentObject(error)) {
    return error;
  }
  return version === undefined ? objectNotFound() : objectChanged(error);
}

function describeBody(output: GetOutput, { version, startByte, endByte }: Place): OpenBody {
  const bodyStartByte = firstByteOf(output);
  const bodyEndByte = bodyStartByte + (output.ContentLength ?? Number.NaN);
  if (!(bodyStartByte <= startByte) || Number.isNaN(bodyEndByte)) {
    throw new SwitchyardError('internal', 'S3 answered with another range than was asked for.');
  }
  const versionId = output.VersionId === undefined ? {} : { versionId: output.VersionId };
  return {
    body: asReadable(output.Body),
    version: version ?? { etag: etagOf(output), ...versionId },
    bodyStartByte,
    endByte: Math.max(startByte, Math.min(endByte, bodyEndByte)),
  };
}

/** From `bytes 5-9/100`; absent where the whole object is sent. */
function firstByteOf({ ContentRange: range }: { ContentRange?: string | undefined }): number {
  return range === undefined ? 0 : Number(/^bytes (\d+)-/.exec(range)?.[1]);
}

function asReadable(body: unknown): Readable {
  if (body instanceof Readable) {
    return body;
  }
  throw new SwitchyardError('internal', 'the SDK gave an answer without a body');
}

/** A start from 0; an end that may lie past the object. Throws `invalid_request`. */
export function checkedRange(range: ByteRange | undefined): ByteRange {
  if (range === undefined) {
    return { startByte: 0, endByte: Infinity };
  }
  const { startByte, endByte } = range;
  const isEnd = Number.isInteger(endByte) || endByte === Infinity;
  if (!Number.isSafeInteger(startByte) || startByte < 0 || !isEnd) {
    throw new SwitchyardError('invalid_request', 'A byte range starts at a whole number from 0.');
  }
  return { startByte, endByte };
}

function damaged(cause: unknown): SwitchyardError {
  return new SwitchyardError(
    'corrupt_object',
    'The object does not match the checksum stored with it; write it again.',
    { cause },
  );
}
