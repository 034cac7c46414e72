import type { ObjectStore } from '#core/ports/object-store.ts';
import { joinS3Objects } from './join-s3-objects.ts';
import { listS3Objects } from './list-s3-objects.ts';
import { headS3Object, readS3Object } from './read-s3-object.ts';
import type { S3Access } from './s3-access.ts';
import { streamS3Object } from './stream-s3-object.ts';
import { putS3ObjectIfAbsent } from './write-s3-object.ts';

/**
 * The object store on S3: the first segment of a key names the bucket. An etag is S3's ETag, which
 * two states of the same bytes share; `v:<version id>:<ETag>` (see s3-version.ts) reads a version
 * that may not be the present one. Needs s3:GetObject, s3:GetObjectVersion, s3:PutObject,
 * s3:DeleteObject, s3:AbortMultipartUpload, and s3:ListBucket, without which an absent object is 403.
 */
export function createS3ObjectStore(access: S3Access): ObjectStore {
  return {
    head: (key) => headS3Object(access, key),
    read: (key, options = {}) => readS3Object(access, key, options),
    stream: (key, options = {}) => streamS3Object(access, key, options),
    list: (prefix, options = {}) => listS3Objects(access, prefix, options),
    async put(key, body) {
      const location = access.locate(key);
      const requests = await access.requests();
      await requests.put({ ...location, Body: body });
    },
    putIfAbsent: (key, body) => putS3ObjectIfAbsent(access, key, body),
    async delete(key) {
      const location = access.locate(key);
      const requests = await access.requests();
      await requests.delete(location);
    },
    concatenateIfAbsent: (key, segments) => joinS3Objects(access, key, segments),
  };
}
