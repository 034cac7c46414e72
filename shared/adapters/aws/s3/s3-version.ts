/**
 * One state of an object in S3. As text it is an `ETag`, or `v:<version id>:<ETag>` for a version of
 * a versioned bucket, which stays readable after the key was overwritten. Everything that carries an
 * etag (job.json, `ifMatch`) can carry either: no port has to know of version ids.
 */
export interface S3Version {
  /** Without the quotes that HTTP puts around it. */
  readonly etag: string;
  /** @default - the version that stands under the key now */
  readonly versionId?: string;
}

export function encodeS3Version({ etag, versionId }: S3Version): string {
  return versionId === undefined ? etag : `v:${versionId}:${etag}`;
}

/** An ETag is hexadecimal digits and "-", so it never starts with `v:` nor holds a colon. */
export function decodeS3Version(text: string): S3Version {
  const colon = text.lastIndexOf(':');
  return text.startsWith('v:') && colon > 1
    ? { versionId: text.slice(2, colon), etag: text.slice(colon + 1) }
    : { etag: text };
}

export function etagOf(output: { readonly ETag?: string | undefined }): string {
  return (output.ETag ?? '').replaceAll('"', '');
}

/** What a GET or HEAD says to get exactly this version or a refusal. */
export function versionCondition({ etag, versionId }: S3Version): {
  readonly IfMatch: string;
  readonly VersionId?: string;
} {
  return { IfMatch: `"${etag}"`, ...(versionId === undefined ? {} : { VersionId: versionId }) };
}
