import { assertObjectKey } from '#core/object-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { S3ConnectionOptions } from './s3-connection.ts';
import type { S3Requests } from './s3-requests.ts';

/** Where an object lies in S3, named as the SDK names it. */
export interface S3Location {
  readonly Bucket: string;
  readonly Key: string;
}

/** Which bucket stands behind the first segment of a key, such as `{ bucket: 'acme-data' }`. */
export type S3Buckets = Readonly<Record<string, string>>;

export interface S3Access {
  readonly buckets: S3Buckets;
  /** Loads the SDK at the first call. */
  requests(): Promise<S3Requests>;
  /** Throws `invalid_key` for a key that breaks the rules or that no bucket stands behind. */
  locate(key: string): S3Location;
}

/** What the S3 adapters share: one client and one map of buckets. Loads nothing yet. */
export function openS3Access(
  options: { readonly buckets: S3Buckets } & S3ConnectionOptions,
): S3Access {
  const { buckets, ...connection } = options;
  let loading: Promise<S3Requests> | undefined;
  return {
    buckets,
    requests() {
      loading ??= import('./s3-requests.ts').then((module) => module.createS3Requests(connection));
      return loading;
    },
    locate: (key) => locate(buckets, key),
  };
}

function locate(buckets: S3Buckets, key: string): S3Location {
  assertObjectKey(key);
  const slash = key.indexOf('/');
  const segment = key.slice(0, slash);
  const bucket = slash > 0 && Object.hasOwn(buckets, segment) ? buckets[segment] : undefined;
  if (bucket === undefined) {
    const known = Object.keys(buckets).map((name) => `"${name}/"`);
    throw new SwitchyardError(
      'invalid_key',
      `The object key names no bucket. Start it with ${known.join(' or ')}.`,
    );
  }
  return { Bucket: bucket, Key: key.slice(slash + 1) };
}
