import { randomUUID } from 'node:crypto';
import { uploadKey } from '#core/jobs/upload-key.ts';
import type { UploadLinks } from '#core/ports/upload-links.ts';
import type { S3Access } from './s3-access.ts';

/**
 * Presigned PUT URLs of S3. Length, If-None-Match and checksum are signed: S3 refuses another size (403),
 * other content (400) and an object that is there (412). Needs s3:PutObject on `uploads/*` of the data bucket.
 */
export function createS3UploadLinks(access: S3Access): UploadLinks {
  return {
    async open({ tenant, filename, sizeBytes, sha256, validSeconds }) {
      const key = uploadKey({ tenant, content: sha256 ?? randomUUID(), filename });
      const location = access.locate(key);
      const requests = await access.requests();
      const checksum =
        sha256 === undefined ? undefined : Buffer.from(sha256, 'hex').toString('base64');
      const url = await requests.signPut(
        { ...location, ContentLength: sizeBytes, ChecksumSHA256: checksum },
        validSeconds,
      );
      return {
        key,
        url,
        headers: {
          'content-length': String(sizeBytes),
          'if-none-match': '*',
          ...(checksum === undefined ? {} : { 'x-amz-checksum-sha256': checksum }),
        },
      };
    },
  };
}
