import type { InputSnapshots } from '#core/ports/input-snapshots.ts';
import type { ObjectHead } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { S3Access, S3Location } from './s3-access.ts';
import { isAbsentObject, objectChanged, statusOf } from './s3-errors.ts';
import { decodeS3Version, encodeS3Version, etagOf, versionCondition } from './s3-version.ts';

/**
 * Pins by version id, without a copy: the pinned object keeps its key, and its etag
 * (`v:<version id>:<ETag>`) reads that version whatever is written later. The version must outlive
 * the job: the bucket's rule for old versions has to allow for the longest one. Throws
 * `invalid_setting` where the bucket keeps no versions: there, nothing can be pinned without a copy.
 */
export function createS3InputSnapshots(access: S3Access): InputSnapshots {
  return {
    async version(key) {
      const output = await headOrUndefined(access, access.locate(key));
      return output === undefined
        ? undefined
        : encodeS3Version({ etag: etagOf(output), versionId: versionIdOf(output) });
    },
    pin: (source) => pin(access, source),
  };
}

async function pin(
  access: S3Access,
  source: { readonly key: string; readonly version: string },
): Promise<ObjectHead> {
  const location = access.locate(source.key);
  const version = decodeS3Version(source.version);
  if (version.versionId === undefined) {
    throw objectChanged();
  }
  const output = await headOrUndefined(access, { ...location, ...versionCondition(version) });
  if (output === undefined) {
    throw objectChanged();
  }
  return { key: source.key, sizeBytes: output.ContentLength ?? 0, etag: source.version };
}

async function headOrUndefined(access: S3Access, input: S3Location) {
  const requests = await access.requests();
  try {
    return await requests.head(input);
  } catch (error) {
    // 400: a text that is no version id of this bucket.
    if (isAbsentObject(error) || statusOf(error) === 412 || statusOf(error) === 400) {
      return undefined;
    }
    throw error;
  }
}

function versionIdOf({ VersionId: versionId }: { VersionId?: string | undefined }): string {
  if (versionId === undefined) {
    throw new SwitchyardError(
      'invalid_setting',
      'The bucket of the inputs keeps no versions, so an input cannot be pinned. Enable versioning.',
    );
  }
  return versionId;
}
