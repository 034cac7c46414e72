import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  HttpMethods,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { passingPrefixes } from './bucket-statements.ts';

/** Parts of a job's output wait for each other so long at most. */
const ABORT_UPLOAD_DAYS = 7;
/** Jobs are tidied up by the reconciler; the lifecycle takes what it never saw. */
const GRACE_DAYS = 7;

/** The users' bucket, the jobs' bucket, and the bucket that holds the access logs of both. */
export class DataBuckets extends Construct {
  /** Inputs, results, the ledger and reports; it has versions, so that a job keeps to the input it pinned. */
  readonly data: Bucket;
  /** What jobs need while they run, and the records of keys. */
  readonly work: Bucket;
  readonly logs: Bucket;

  constructor(scope: Construct, id: string, { config }: DeploymentSettings) {
    super(scope, id);
    this.logs = new Bucket(this, 'Logs', {
      ...guarded,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ expiration: Duration.days(config.logRetentionDays) }],
    });
    this.data = new Bucket(this, 'Data', {
      ...guarded,
      removalPolicy: RemovalPolicy.RETAIN,
      versioned: true,
      serverAccessLogsBucket: this.logs as IBucket,
      serverAccessLogsPrefix: 'data/',
      lifecycleRules: [
        // Files on their way into a job; a job that pinned one keeps its version.
        { prefix: 'uploads/', expiration: Duration.days(config.jobRetentionDays) },
        // Texts of callers, where they are kept at all.
        { prefix: 'predictions/', expiration: Duration.days(config.predictionDays) },
        { prefix: 'predictions-errors/', expiration: Duration.days(config.predictionDays) },
        {
          abortIncompleteMultipartUploadAfter: Duration.days(ABORT_UPLOAD_DAYS),
          noncurrentVersionExpiration: Duration.days(config.jobRetentionDays),
          expiredObjectDeleteMarker: true,
        },
      ],
      ...browserUploads(config.corsOrigins),
    });
    // The property of the bucket itself: CDK's own way makes a function that may change any bucket.
    (this.data.node.defaultChild as CfnBucket).addPropertyOverride(
      'NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled',
      true,
    );
    const jobObjects = Duration.days(config.jobRetentionDays + GRACE_DAYS);
    this.work = new Bucket(this, 'Work', {
      ...guarded,
      removalPolicy: RemovalPolicy.DESTROY,
      versioned: false,
      serverAccessLogsBucket: this.logs as IBucket,
      serverAccessLogsPrefix: 'work/',
      lifecycleRules: [
        { abortIncompleteMultipartUploadAfter: Duration.days(ABORT_UPLOAD_DAYS) },
        ...passingPrefixes.map((prefix) => ({ prefix, expiration: jobObjects })),
      ],
    });
  }
}

const guarded = {
  encryption: BucketEncryption.S3_MANAGED,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
} as const satisfies BucketProps;

/** A page that may call the API may also send its file to the address that `POST /uploads` gave. */
function browserUploads(origins: readonly string[]): Pick<BucketProps, 'cors'> {
  if (origins.length === 0) return {};
  return {
    cors: [
      {
        allowedMethods: [HttpMethods.GET, HttpMethods.PUT],
        allowedOrigins: [...origins],
        allowedHeaders: ['*'],
        exposedHeaders: ['ETag', 'x-amz-version-id'],
      },
    ],
  };
}
