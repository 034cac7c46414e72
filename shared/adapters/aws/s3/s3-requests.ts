import {
  AbortMultipartUploadCommand,
  type AbortMultipartUploadCommandInput,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  type DeleteObjectCommandInput,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type PutObjectCommandInput,
  S3Client,
  UploadPartCommand,
  type UploadPartCommandInput,
  UploadPartCopyCommand,
  type UploadPartCopyCommandInput,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { S3ConnectionOptions } from './s3-connection.ts';
import { createS3RetryStrategy } from './s3-retry-strategy.ts';

const defaults = {
  maxAttempts: 8,
  connectTimeoutMillis: 3_000,
  answerTimeoutMillis: 30_000,
  idleTimeoutMillis: 20_000,
} as const;

/** As many as one join and one worker's other calls need at once; the SDK queues what is above. */
const maxSockets = 64;

/**
 * The S3 calls that the adapters make. This file alone imports the SDK, and `openS3Access` imports
 * it at the first call: a process that never touches S3 never loads it.
 */
export function createS3Requests(options: S3ConnectionOptions) {
  const connection = { ...defaults, ...options };
  const client = new S3Client({
    ...connectionOf(options),
    maxAttempts: connection.maxAttempts,
    retryStrategy: createS3RetryStrategy(connection),
    requestHandler: {
      connectionTimeout: connection.connectTimeoutMillis,
      requestTimeout: connection.answerTimeoutMillis,
      // Without it the SDK logs a warning and waits on.
      throwOnRequestTimeout: true,
      socketTimeout: connection.idleTimeoutMillis,
      httpsAgent: { maxSockets },
      httpAgent: { maxSockets },
    },
  });
  // A presigned PUT must not carry the checksum of a body that is not known yet.
  const signer = new S3Client({
    ...connectionOf(options),
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  return {
    head: (input: HeadObjectCommandInput) => client.send(new HeadObjectCommand(input)),
    get: (input: GetObjectCommandInput) => client.send(new GetObjectCommand(input)),
    put: (input: PutObjectCommandInput) => client.send(new PutObjectCommand(input)),
    list: (input: ListObjectsV2CommandInput) => client.send(new ListObjectsV2Command(input)),
    delete: (input: DeleteObjectCommandInput) => client.send(new DeleteObjectCommand(input)),
    createUpload: (input: CreateMultipartUploadCommandInput) =>
      client.send(new CreateMultipartUploadCommand(input)),
    uploadPart: (input: UploadPartCommandInput) => client.send(new UploadPartCommand(input)),
    copyPart: (input: UploadPartCopyCommandInput) => client.send(new UploadPartCopyCommand(input)),
    completeUpload: (input: CompleteMultipartUploadCommandInput) =>
      client.send(new CompleteMultipartUploadCommand(input)),
    abortUpload: (input: AbortMultipartUploadCommandInput) =>
      client.send(new AbortMultipartUploadCommand(input)),
    signGet: (input: GetObjectCommandInput, validSeconds: number) =>
      getSignedUrl(client, new GetObjectCommand(input), { expiresIn: validSeconds }),
    signPut: (input: PutObjectCommandInput, validSeconds: number) =>
      getSignedUrl(signer, new PutObjectCommand({ ...input, IfNoneMatch: '*' }), {
        expiresIn: validSeconds,
        signableHeaders: new Set(['host', ...signedOnPut]),
        unhoistableHeaders: new Set(signedOnPut),
      }),
    close: () => {
      client.destroy();
      signer.destroy();
    },
  };
}

const signedOnPut = ['content-length', 'if-none-match', 'x-amz-checksum-sha256'];

function connectionOf({ endpoint, region }: S3ConnectionOptions) {
  return {
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true, region: 'us-east-1' }),
    ...(region === undefined ? {} : { region }),
  };
}

export type S3Requests = ReturnType<typeof createS3Requests>;
