import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { jobsSettingsSchema } from '#core/deployment/function-settings.ts';
import { decisionFiles, noDecisionFiles } from '../decision-files.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { settingsOf } from '../settings-of.ts';
import {
  readData,
  signUploads,
  useJobObjects,
  useLedger,
  writeResults,
} from './bucket-statements.ts';
import type { DataBuckets } from './data-buckets.ts';
import { controlFunction, SwitchyardFunction } from './switchyard-function.ts';

/** Where workers are started. */
export interface BatchNames {
  /** ARNs in AWS, plain names where the stand-in of the tests is the Batch. */
  readonly spotQueue: string;
  readonly onDemandQueue: string;
  /** A name without a revision: the newest one is taken. */
  readonly jobDefinition: string;
}

/** What every function around jobs needs. */
export interface JobResources {
  readonly settings: DeploymentSettings;
  readonly buckets: DataBuckets;
  readonly secret: Secret;
  readonly batch: BatchNames;
  readonly fleet: LambdaFunction;
  /**
   * Told by workers of the fleet that have ended.
   *
   * @default - the function is this one
   */
  readonly finisher?: LambdaFunction;
}

export interface JobControlOptions {
  readonly package: 'jobs' | 'startDrops' | 'finisher' | 'reconciler';
  readonly description: string;
  /**
   * Longest run.
   *
   * @default 30 seconds
   */
  readonly timeout?: Duration;
}

/** Two make jobs; the third keeps the states for questions that come after the next deployment. */
const knowRouter: ReadonlySet<string> = new Set(['jobs', 'startDrops', 'reconciler']);

/** One of the functions that create, describe, finish or repair jobs: no model in any of them. */
export function createJobControl(
  scope: Construct,
  id: string,
  { resources, ...options }: JobControlOptions & { readonly resources: JobResources },
): SwitchyardFunction {
  const { settings, buckets, secret, batch, fleet, finisher } = resources;
  const decides = knowRouter.has(options.package);
  const { files, variables } = decides ? decisionFiles(settings.config) : noDecisionFiles;
  return new SwitchyardFunction(scope, id, {
    ...controlFunction,
    memoryMb: 512,
    ...options,
    settings,
    files,
    environment: settingsOf(jobsSettingsSchema, {
      ...variables,
      SWITCHYARD_DATA_BUCKET: buckets.data.bucketName,
      SWITCHYARD_WORK_BUCKET: buckets.work.bucketName,
      SWITCHYARD_CORS_ORIGINS: settings.config.corsOrigins.join(','),
      SWITCHYARD_INPUTS: JSON.stringify(settings.config.inputs),
      SWITCHYARD_MODELS: 'models',
      SWITCHYARD_SECRET_ID: secret.secretArn,
      SWITCHYARD_SPOT_QUEUE: batch.spotQueue,
      SWITCHYARD_ON_DEMAND_QUEUE: batch.onDemandQueue,
      SWITCHYARD_JOB_DEFINITION: batch.jobDefinition,
      SWITCHYARD_FLEET_FUNCTION: fleet.functionArn,
      SWITCHYARD_FLEET_WORKERS: settings.config.fleet.max,
      SWITCHYARD_RETENTION_DAYS: settings.config.jobRetentionDays,
      SWITCHYARD_FINISH_FUNCTION: finisher?.functionArn,
    }),
    statements: [
      ...readData(buckets.data, settings.config),
      writeResults(buckets.data),
      ...(options.package === 'jobs' ? [signUploads(buckets.data)] : []),
      ...useLedger(buckets.data),
      ...useJobObjects(buckets.work),
      new PolicyStatement({
        actions: ['secretsmanager:GetSecretValue'],
        resources: [secret.secretArn],
      }),
      new PolicyStatement({
        actions: ['lambda:InvokeFunction'],
        resources: [fleet.functionArn],
      }),
      ...startWorkers(Stack.of(scope), batch, settings.isEmulated),
    ],
  });
}

function startWorkers(stack: Stack, batch: BatchNames, isEmulated: boolean): PolicyStatement[] {
  if (isEmulated) return [];
  const arnOf = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'batch', resource, resourceName });
  const jobs = arnOf('job', '*');
  // AWS asks for the right on the revision that it takes.
  const definitions = arnOf('job-definition', `${batch.jobDefinition}:*`);
  return [
    new PolicyStatement({
      actions: ['batch:SubmitJob'],
      resources: [batch.spotQueue, batch.onDemandQueue, definitions],
    }),
    new PolicyStatement({ actions: ['batch:TerminateJob'], resources: [jobs] }),
    // These two know no resource: AWS offers nothing narrower.
    new PolicyStatement({ actions: ['batch:DescribeJobs', 'batch:ListJobs'], resources: ['*'] }),
  ];
}

export const longControl = Duration.minutes(5);
