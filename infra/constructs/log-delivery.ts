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
import { listBelow } from './bucket-statements.ts';

export interface LogDeliveryProps {
  readonly settings: DeploymentSettings;
  /** Log groups whose lines are delivered. */
  readonly logGroups: Readonly<Record<string, LogGroup>>;
  readonly bucket: Bucket;
  readonly lines: DeliveredLines;
}

/** Lines that leave the log for the data bucket; every other one stays. */
export interface DeliveredLines {
  /** Filter of CloudWatch Logs over lines of JSON. */
  readonly pattern: string;
  /** Folder in the bucket; what could not be delivered goes to `<folder>-errors`. */
  readonly folder: 'ledger' | 'predictions';
}

/** What a call cost, and by the setting what was said of it; rows of jobs are written beside them. */
export const ledgerLines: DeliveredLines = {
  pattern: '{ ($.basis = "metered") || ($.basis = "estimate") }',
  folder: 'ledger',
};

/** Texts with their answers. */
export const predictionLines: DeliveredLines = {
  pattern: '{ $.prediction = 1 }',
  folder: 'predictions',
};

/** Brings lines of a log into the data bucket, within about a quarter of an hour. */
export class LogDelivery extends Construct {
  constructor(scope: Construct, id: string, props: LogDeliveryProps) {
    super(scope, id);
    const { settings, logGroups, bucket, lines } = props;
    const log = new LogGroup(this, 'Log', {
      retention: settings.config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.#createRole(props, log);
    const stream = new DeliveryStream(this, 'Stream', {
      encryption: StreamEncryption.awsOwnedKey(),
      destination: new S3Bucket(bucket as IBucket, {
        // Its rights are those below: the CDK would allow reading and deleting the whole bucket.
        role: role.withoutPolicyUpdates(),
        loggingConfig: new EnableLogging(log),
        // A folder per day, as those who read the ledger expect it.
        dataOutputPrefix: `${lines.folder}/!{timestamp:yyyy-MM-dd}/`,
        errorOutputPrefix: `${lines.folder}-errors/!{firehose:error-output-type}/`,
        bufferingInterval: Duration.minutes(15),
        // What reads the ledger has one of these in memory.
        bufferingSize: Size.mebibytes(16),
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
        filterPattern: FilterPattern.literal(lines.pattern),
      });
    }
  }

  #createRole({ bucket, lines }: LogDeliveryProps, log: LogGroup): Role {
    const folders = [lines.folder, `${lines.folder}-errors`];
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('firehose.amazonaws.com'),
      description: `writes below ${lines.folder}/`,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
        resources: folders.map((folder) => bucket.arnForObjects(`${folder}/*`)),
      }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetBucketLocation', 's3:ListBucketMultipartUploads'],
        resources: [bucket.bucketArn],
      }),
    );
    role.addToPolicy(
      listBelow(
        bucket,
        folders.map((folder) => `${folder}/`),
      ),
    );
    log.grantWrite(role);
    return role;
  }
}
