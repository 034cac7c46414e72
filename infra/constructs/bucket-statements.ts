import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { allGrantedPrefixes } from '#core/deployment/input-grants.ts';

// Written by hand: the grants of the CDK also allow listing every version, tagging and legal holds.

/** Where results lie in the data bucket; but for uploads and records nothing else of it is ever written. */
export const writtenPrefixes = ['outbox/', 'outboxes/'] as const;

/** Rows of the ledger: in the data bucket, since they are to outlive the deployment. */
const LEDGER_FOLDER = 'ledger/';

/** Of the work bucket: jobs, their lists, and what fleet workers leave; gone when the job is. */
export const passingPrefixes = [
  'jobs/',
  'active/',
  'index/',
  'webhooks/',
  'expiry/',
  'submissions/',
] as const;

/** What belongs to jobs in the work bucket; the records of keys (`keys/`) do not. */
export const jobPrefixes = [...passingPrefixes, 'outputs/', 'state/', 'router/'] as const;

/** Of the data bucket: what jobs may name as input, whosever it is, and results. */
export function readPrefixes({ inputs }: Pick<DeploymentConfig, 'inputs'>): readonly string[] {
  return ['inbox/', 'inboxes/', 'uploads/', ...writtenPrefixes, ...allGrantedPrefixes(inputs)];
}

/** Reads inputs and results, also in the version that a job pinned, and nothing else of the data bucket. */
export function readData(
  data: Bucket,
  config: Pick<DeploymentConfig, 'inputs'>,
): PolicyStatement[] {
  const prefixes = readPrefixes(config);
  return [
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: prefixes.map((prefix) => data.arnForObjects(`${prefix}*`)),
    }),
    listBelow(data, prefixes),
  ];
}

/** Writes results, and takes the mark of a failure away once a resumed job is completed; never an input. */
export function writeResults(data: Bucket): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
    resources: writtenPrefixes.map((prefix) => data.arnForObjects(`${prefix}*`)),
  });
}

/** Signs the links of `POST /uploads`: whoever has one writes with this right, to that one place. */
export function signUploads(data: Bucket): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:PutObject'],
    resources: [data.arnForObjects('uploads/*')],
  });
}

/** Adds rows to the ledger and reads them, for budgets and `GET /costs`; none is ever removed. */
export function useLedger(data: Bucket): PolicyStatement[] {
  return useFolder(data, LEDGER_FOLDER, ['s3:GetObject', 's3:PutObject']);
}

/** Reads the ledger and changes nothing of it. */
export function readLedger(data: Bucket): PolicyStatement[] {
  return useFolder(data, LEDGER_FOLDER, ['s3:GetObject']);
}

/** Writes one kind of report, and reads what it wrote before. */
export function writeReports(data: Bucket, kind: 'drift' | 'costs'): PolicyStatement[] {
  return useFolder(data, `reports/${kind}/`, ['s3:GetObject', 's3:PutObject']);
}

/** These actions on the objects below one prefix, and listing them. */
function useFolder(bucket: Bucket, folder: string, actions: string[]): PolicyStatement[] {
  return [
    new PolicyStatement({ actions, resources: [bucket.arnForObjects(`${folder}*`)] }),
    listBelow(bucket, [folder]),
  ];
}

/** Everything that jobs keep while they run. */
export function useJobObjects(work: Bucket): PolicyStatement[] {
  return [
    new PolicyStatement({
      actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
      resources: jobPrefixes.map((prefix) => work.arnForObjects(`${prefix}*`)),
    }),
    listBelow(work, jobPrefixes),
  ];
}

/**
 * Lists what is below these prefixes. `IfExists`, for S3 asks the same right of whoever reads a key that
 * does not exist, and then names no prefix: without it, the answer is 403 where it should be 404.
 */
export function listBelow(bucket: Bucket, prefixes: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: ['s3:ListBucket'],
    resources: [bucket.bucketArn],
    conditions: { StringLikeIfExists: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
  });
}
