import { openS3Access, type S3Access, type S3Buckets } from '#adapters/aws/s3/s3-access.ts';

/** The deployment's buckets. `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` leads to another S3. */
export function openDeploymentBuckets(
  buckets: S3Buckets,
  variables: Readonly<Record<string, string | undefined>>,
): S3Access {
  // The SDK heeds these too, but would put the bucket's name into the host.
  const endpoint = variables['AWS_ENDPOINT_URL_S3'] ?? variables['AWS_ENDPOINT_URL'];
  return openS3Access({ buckets, ...(endpoint === undefined ? {} : { endpoint }) });
}
