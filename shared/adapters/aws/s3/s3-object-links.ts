import type { ObjectLinks } from '#core/ports/object-links.ts';
import type { S3Access } from './s3-access.ts';

/**
 * Presigned GET URLs of S3, at most 7 days. A URL signed with the temporary credentials of a role
 * also ends with them, whichever comes first.
 */
export function createS3ObjectLinks(access: S3Access): ObjectLinks {
  return {
    async linkTo(key, { validSeconds }) {
      const location = access.locate(key);
      const requests = await access.requests();
      return await requests.signGet(location, validSeconds);
    },
  };
}
