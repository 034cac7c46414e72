import { Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import {
  Action,
  EcsEc2ContainerDefinition,
  EcsJobDefinition,
  LinuxParameters,
  Reason,
  RetryStrategy,
  TmpfsMountOption,
} from 'aws-cdk-lib/aws-batch';
import { LogDriver } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { workerSettingsSchema } from '#core/deployment/function-settings.ts';
import { type RetryRule, workerRetryRules } from '#core/jobs/retry-rules.ts';
import { MAX_WORKER_ATTEMPTS } from '#core/ports/job-queue.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { settingsOf } from '../settings-of.ts';
import { readData, useJobObjects, writeResults } from './bucket-statements.ts';
import type { DataBuckets } from './data-buckets.ts';
import { workerImage } from './worker-image.ts';

export interface WorkerJobProps {
  readonly settings: DeploymentSettings;
  readonly buckets: DataBuckets;
}

/** A whole instance of size xlarge, less what its agent keeps: asking for more would double the size. */
const VCPUS = 4;
const MEMORY_MIB = 14_000;
const SCRATCH_MIB = 1_024;

/** What AWS Batch runs as one worker: the image, its rights, and when it is tried again. */
export class WorkerJob extends Construct {
  /**
   * Without a revision, which changes with the image: whoever submits takes the newest, and no other
   * stack has to be deployed again.
   */
  readonly definitionName: string;

  constructor(scope: Construct, id: string, { settings, buckets }: WorkerJobProps) {
    super(scope, id);
    const { config } = settings;
    const logGroup = new LogGroup(this, 'Log', {
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const jobRole = new Role(this, 'JobRole', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'),
      description: `${config.name}: what a GPU worker may do`,
    });
    const statements = [
      ...readData(buckets.data, settings.config),
      writeResults(buckets.data),
      ...useJobObjects(buckets.work),
    ];
    for (const statement of statements) jobRole.addToPolicy(statement);
    const { image, built } = workerImage(this, config);
    const container = new EcsEc2ContainerDefinition(this, 'Container', {
      image,
      // As the image says itself; in words here, for those who run the definition elsewhere.
      command: ['node', '--expose-gc', 'worker.mjs'],
      cpu: VCPUS,
      memory: Size.mebibytes(MEMORY_MIB),
      gpu: 1,
      jobRole,
      logging: LogDriver.awsLogs({ streamPrefix: 'worker', logGroup }),
      environment: settingsOf(workerSettingsSchema, {
        // ECS on instances does not say it, and the SDK does not ask the metadata service.
        AWS_REGION: Stack.of(this).region,
        SWITCHYARD_DATA_BUCKET: buckets.data.bucketName,
        SWITCHYARD_WORK_BUCKET: buckets.work.bucketName,
        SWITCHYARD_PRICE_ARCHITECTURE: config.architecture,
        SWITCHYARD_PROVIDER: 'cuda',
        SWITCHYARD_METADATA_URL: 'http://169.254.169.254',
      }),
      linuxParameters: new LinuxParameters(this, 'Linux', {
        // Node as the first process neither reaps its children nor ends on a signal.
        initProcessEnabled: true,
      }),
      user: '1000:1000',
      readonlyRootFilesystem: true,
    });
    container.linuxParameters?.addTmpfs({
      containerPath: '/tmp',
      size: Size.mebibytes(SCRATCH_MIB),
      mountOptions: [TmpfsMountOption.NOSUID, TmpfsMountOption.NODEV],
    });
    this.definitionName = `${config.name}-worker`;
    const definition = new EcsJobDefinition(this, 'Definition', {
      jobDefinitionName: this.definitionName,
      container,
      timeout: Duration.hours(config.gpu.attemptHours),
      retryAttempts: MAX_WORKER_ATTEMPTS,
      retryStrategies: workerRetryRules.map(retryStrategyOf),
      propagateTags: true,
      // Submissions that wait while a deployment changes the definition keep theirs.
      skipDeregisterOnUpdate: true,
    });
    if (built !== undefined) definition.node.addDependency(built);
  }
}

function retryStrategyOf({ action, ...patterns }: RetryRule): RetryStrategy {
  return RetryStrategy.of(action === 'RETRY' ? Action.RETRY : Action.EXIT, Reason.custom(patterns));
}
