import type { S3Access } from './s3-access.ts';
import { isAbsentObject } from './s3-errors.ts';
import { decodeS3Version, versionCondition } from './s3-version.ts';

/** `x-amz-meta-switchyard-options` of an object holds the options of its job, as JSON. */
const OPTIONS_METADATA = 'switchyard-options';

/** The options in the metadata of one version of an object; undefined where it has none. */
export async function readS3ObjectOptions(
  access: S3Access,
  { key, version }: { readonly key: string; readonly version: string },
): Promise<Uint8Array | undefined> {
  const location = access.locate(key);
  const requests = await access.requests();
  const output = await requests
    .head({ ...location, ...versionCondition(decodeS3Version(version)) })
    .catch((error: unknown) => {
      // The pin finds out what became of it.
      if (isAbsentObject(error)) return undefined;
      throw error;
    });
  const text = output?.Metadata?.[OPTIONS_METADATA];
  return text === undefined ? undefined : new TextEncoder().encode(text);
}
