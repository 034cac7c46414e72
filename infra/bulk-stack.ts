import {
  CfnOutput,
  Duration,
  Fn,
  RemovalPolicy,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { emulatedBatch } from '#core/deployment/emulated-batch.ts';
import { DataBuckets } from './constructs/data-buckets.ts';
import { DropTrigger } from './constructs/drop-trigger.ts';
import { Fleet } from './constructs/fleet.ts';
import { GpuWorkers } from './constructs/gpu-workers.ts';
import { createJobControl, type JobResources, longControl } from './constructs/job-control.ts';
import { JobUpkeep } from './constructs/job-upkeep.ts';
import type { DeploymentSettings } from './deployment-settings.ts';

export interface BulkStackProps extends StackProps {
  readonly settings: DeploymentSettings;
}

/** Bulk work: the buckets, what starts workers, the workers, and what looks after jobs. */
export class BulkStack extends Stack {
  readonly jobs: JobResources;
  readonly drops: DropTrigger;
  readonly upkeep: JobUpkeep;
  readonly #zones: readonly string[] | undefined;

  constructor(scope: Construct, id: string, props: BulkStackProps) {
    super(scope, id, props);
    const { settings } = props;
    this.#zones = settings.config.zones;
    const buckets = new DataBuckets(this, 'Buckets', settings);
    const secret = new Secret(this, 'JobSecret', {
      description: `${settings.config.name}: ids of jobs and signatures are derived from it`,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.DESTROY,
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'Another secret gives every job another id: a repeated request would make a second job. It signs nothing that others verify but webhooks.',
    });
    const fleet = new Fleet(this, 'Fleet', { settings, buckets });
    const batch = settings.isEmulated
      ? emulatedBatch
      : new GpuWorkers(this, 'Gpu', { settings, buckets });
    const resources = { settings, buckets, secret, batch, fleet: fleet.function };
    const finisher = createJobControl(this, 'Finisher', {
      resources,
      package: 'finisher',
      description: 'ends a job when its workers have ended',
      timeout: longControl,
    });
    fleet.allowCalls(finisher.function);
    this.jobs = { ...resources, finisher: finisher.function };
    this.drops = new DropTrigger(this, 'Drops', {
      bucket: buckets.data,
      starter: createJobControl(this, 'StartDrops', {
        resources: this.jobs,
        package: 'startDrops',
        description: 'makes a job of each file that is put into a drop zone',
        timeout: Duration.minutes(1),
      }),
    });
    this.upkeep = new JobUpkeep(this, 'Upkeep', {
      settings,
      queues: [batch.spotQueue, batch.onDemandQueue],
      finisher,
      reconciler: createJobControl(this, 'Reconciler', {
        resources: this.jobs,
        package: 'reconciler',
        description: 'finds jobs that nobody works on, ends or repairs them',
        timeout: longControl,
      }),
    });
    this.#addOutputs();
  }

  /** By number where they are not named: names would have to be looked up in the account. */
  override get availabilityZones(): string[] {
    const named = this.#zones;
    if (named !== undefined) return [...named];
    return [0, 1, 2].map((at) => Fn.select(at, Fn.getAzs()));
  }

  #addOutputs(): void {
    const { data, work, logs } = this.jobs.buckets;
    new CfnOutput(this, 'DataBucketName', {
      description:
        'Put a file below inbox/<model>/ (of a tenant: inboxes/<tenant>/<model>/); results come below outbox/<model>/ (outboxes/<tenant>/<model>/)',
      value: data.bucketName,
    });
    new CfnOutput(this, 'WorkBucketName', { value: work.bucketName });
    new CfnOutput(this, 'LogBucketName', { value: logs.bucketName });
    new CfnOutput(this, 'JobSecretArn', { value: this.jobs.secret.secretArn });
    new CfnOutput(this, 'DropCommand', {
      description: 'Makes a job of a file',
      value: `aws s3 cp reviews.jsonl s3://${data.bucketName}/inbox/${this.jobs.settings.config.models[0]}/`,
    });
    new CfnOutput(this, 'StartDropsFunction', { value: this.drops.functionName });
    new CfnOutput(this, 'FinisherFunction', { value: this.upkeep.finisher.functionName });
    new CfnOutput(this, 'ReconcilerFunction', { value: this.upkeep.reconciler.functionName });
    new CfnOutput(this, 'FleetFunction', { value: this.jobs.fleet.functionName });
    new CfnOutput(this, 'DropQueueUrl', { value: this.drops.queue.queueUrl });
    new CfnOutput(this, 'DropDeadLetterUrl', { value: this.drops.deadLetters.queueUrl });
  }
}
