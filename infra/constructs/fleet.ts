import { Duration } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { fleetSettingsSchema } from '#core/deployment/function-settings.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { settingsOf } from '../settings-of.ts';
import { readData, useJobObjects, writeResults } from './bucket-statements.ts';
import type { DataBuckets } from './data-buckets.ts';
import { SwitchyardFunction } from './switchyard-function.ts';

export interface FleetProps {
  readonly settings: DeploymentSettings;
  readonly buckets: DataBuckets;
}

/** Longest that Lambda allows; a worker stops claiming with a minute left and calls its successor. */
const WORKER_SECONDS = 900;

/** Workers on shards that start in a second: the same loop as on a GPU, in a function of its own. */
export class Fleet extends Construct {
  readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, { settings, buckets }: FleetProps) {
    super(scope, id);
    const { fleet } = settings.config;
    const { function: worker } = new SwitchyardFunction(this, 'Worker', {
      settings,
      package: 'fleet',
      description: 'works on the shards of jobs',
      memoryMb: fleet.memoryMb,
      timeout: Duration.seconds(WORKER_SECONDS),
      // Its own share: bulk work can neither starve the API nor be starved by it.
      reservedConcurrency: fleet.max,
      environment: settingsOf(fleetSettingsSchema, {
        SWITCHYARD_DATA_BUCKET: buckets.data.bucketName,
        SWITCHYARD_WORK_BUCKET: buckets.work.bucketName,
        SWITCHYARD_MODELS: 'models',
        SWITCHYARD_PRICE_ARCHITECTURE: settings.config.architecture,
      }),
      statements: [
        ...readData(buckets.data, settings.config),
        writeResults(buckets.data),
        ...useJobObjects(buckets.work),
      ],
    });
    // A call that died is made again after one and two minutes, and takes the worker's place; one that is
    // made again although its worker lives comes to nothing. The reconciler's schedule is slower.
    worker.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: Duration.minutes(15) });
    this.function = worker;
  }

  /** A worker calls its successor when its time is over, and the finisher when nothing is left. */
  allowCalls(finisher: LambdaFunction): void {
    const { role } = this.function;
    if (role === undefined) return;
    // Beside the role's own policy, which the function waits for: it may not name the function.
    new Policy(this, 'Calls', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['lambda:InvokeFunction'],
          resources: [this.function.functionArn, finisher.functionArn],
        }),
      ],
    });
  }
}
