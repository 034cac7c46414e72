import { Duration, RemovalPolicy, Size } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  CloudWatchLogProcessor,
  Compression,
  DecompressionProcessor,
  DeliveryStream,
  EnableLogging,
  S3Bucket,
  StreamEncryption,
} from 'aws-cdk-lib/aws-kinesisfirehose';
import {
  FilterPattern,
  LogGroup,
  type RetentionDays,
  SubscriptionFilter,
} from 'aws-cdk-lib/aws-logs';
import { FirehoseDestination } from 'aws-cdk-lib/aws-logs-destinations';
import type { Bucket, IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { DeploymentSettings } from '../deployment-settings.ts';

export interface PredictionLogProps {
  readonly settings: DeploymentSettings;
  /** Log groups whose rows are kept. */
  readonly logGroups: Readonly<Record<string, LogGroup>>;
  readonly bucket: Bucket;
}

/** Rows of the ledger; every other line stays in the log. */
const KEPT_LINES = '{ ($.basis = "metered") || ($.basis = "estimate") }';

/** A folder per day, as those who read the ledger expect it. */
const PREFIX = 'ledger/!{timestamp:yyyy-MM-dd}/';

/** Keeps a row per call beside the rows of jobs: what it cost, and nothing that was said. */
export class PredictionLog extends Construct {
  constructor(scope: Construct, id: string, { settings, logGroups, bucket }: PredictionLogProps) {
    super(scope, id);
    const log = new LogGroup(this, 'Log', {
      retention: settings.config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.#createRole(bucket, log);
    const stream = new DeliveryStream(this, 'Stream', {
      encryption: StreamEncryption.awsOwnedKey(),
      destination: new S3Bucket(bucket as IBucket, {
        // Its rights are those below: the CDK would allow reading and deleting the whole bucket.
        role: role.withoutPolicyUpdates(),
        loggingConfig: new EnableLogging(log),
        dataOutputPrefix: PREFIX,
        errorOutputPrefix: 'ledger-errors/!{firehose:error-output-type}/',
        bufferingInterval: Duration.minutes(15),
        bufferingSize: Size.mebibytes(64),
        // As rows of jobs are: whoever reads the ledger reads both.
        compression: Compression.UNCOMPRESSED,
        fileExtension: '.jsonl',
        // The log's envelope is taken off: what is left is the lines.
        processors: [
          new DecompressionProcessor(),
          new CloudWatchLogProcessor({ dataMessageExtraction: true }),
        ],
      }),
    });
    for (const [name, logGroup] of Object.entries(logGroups)) {
      new SubscriptionFilter(this, `${name}Rows`, {
        logGroup,
        destination: new FirehoseDestination(stream),
        filterPattern: FilterPattern.literal(KEPT_LINES),
      });
    }
  }

  #createRole(bucket: Bucket, log: LogGroup): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('firehose.amazonaws.com'),
      description: 'writes rows of the ledger',
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
        resources: [bucket.arnForObjects('ledger/*'), bucket.arnForObjects('ledger-errors/*')],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
        resources: [bucket.bucketArn],
      }),
    );
    log.grantWrite(role);
    return role;
  }
}
