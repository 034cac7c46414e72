import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { createS3UploadLinks } from '#adapters/aws/s3/s3-upload-links.ts';
import { describeUploadLinks } from '../contract/upload-links.contract.ts';
import { openTestAccess } from '../fixtures/aws/open-buckets.ts';

describeUploadLinks({
  name: 'presigned uploads to S3',
  open: async (context) => {
    const access = await openTestAccess(context);
    return { links: createS3UploadLinks(access), objectStore: createS3ObjectStore(access) };
  },
});
