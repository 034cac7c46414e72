import { assertObjectPrefix, compareObjectKeys } from '#core/object-keys.ts';
import type { ListOptions, ObjectHead } from '#core/ports/object-store.ts';
import type { S3Access } from './s3-access.ts';
import type { S3Requests } from './s3-requests.ts';
import { etagOf } from './s3-version.ts';

/** Objects by prefix in the order of their keys' bytes, page by page as the consumer asks. */
export async function* listS3Objects(
  access: S3Access,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<ObjectHead> {
  assertObjectPrefix(prefix);
  const segments = Object.keys(access.buckets).sort((left, right) =>
    compareObjectKeys(`${left}/`, `${right}/`),
  );
  for (const segment of segments) {
    const listing = placeListing(`${segment}/`, prefix, options.startAfter ?? '');
    if (listing !== undefined) {
      yield* listBucket(access, segment, listing);
    }
  }
}

interface Listing {
  readonly prefix: string;
  readonly startAfter: string;
}

/** Prefix and start inside one bucket, or undefined where it holds nothing that is asked for. */
function placeListing(root: string, prefix: string, startAfter: string): Listing | undefined {
  const isAsked = prefix.startsWith(root) || root.startsWith(prefix);
  const startsInside = startAfter.startsWith(root);
  if (!isAsked || (!startsInside && compareObjectKeys(root, startAfter) < 0)) {
    return undefined;
  }
  return {
    prefix: prefix.slice(root.length),
    startAfter: startsInside ? startAfter.slice(root.length) : '',
  };
}

async function* listBucket(
  access: S3Access,
  segment: string,
  listing: Listing,
): AsyncGenerator<ObjectHead> {
  for await (const page of listPages(access, segment, listing)) {
    for (const { Key: key, Size: sizeBytes, ETag } of page.Contents ?? []) {
      const name = `${segment}/${decoded(key ?? '')}`;
      yield { key: name, sizeBytes: sizeBytes ?? 0, etag: etagOf({ ETag }) };
    }
  }
}

async function* listPages(
  access: S3Access,
  segment: string,
  { prefix, startAfter }: Listing,
): AsyncGenerator<Awaited<ReturnType<S3Requests['list']>>> {
  const requests = await access.requests();
  const first = {
    Bucket: access.buckets[segment],
    ...(prefix === '' ? {} : { Prefix: prefix }),
    ...(startAfter === '' ? {} : { StartAfter: startAfter }),
    // XML cannot hold every character that a key may hold.
    EncodingType: 'url',
  } as const;
  let page = await requests.list(first);
  yield page;
  while (page.IsTruncated === true) {
    page = await requests.list({ ...first, ContinuationToken: page.NextContinuationToken });
    yield page;
  }
}

/** S3 writes a space as "+", others as "%20"; a plus sign is "%2B" in both. */
function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '));
}
