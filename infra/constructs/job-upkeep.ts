import { Duration } from 'aws-cdk-lib';
import { Match, Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DeploymentSettings } from '../deployment-settings.ts';
import type { SwitchyardFunction } from './switchyard-function.ts';

export interface JobUpkeepProps {
  readonly settings: DeploymentSettings;
  /** Job queues whose jobs are ours. */
  readonly queues: readonly string[];
  readonly finisher: SwitchyardFunction;
  readonly reconciler: SwitchyardFunction;
}

/** Hears when workers have ended, and looks by the clock for jobs that nobody told of. */
export class JobUpkeep extends Construct {
  readonly finisher: LambdaFunction;
  readonly reconciler: LambdaFunction;

  constructor(scope: Construct, id: string, props: JobUpkeepProps) {
    super(scope, id);
    const { config, isEmulated } = props.settings;
    this.finisher = props.finisher.function;
    this.reconciler = props.reconciler.function;
    new Rule(this, 'WorkersEnded', {
      description: `${config.name}: workers of a job have ended`,
      eventPattern: {
        // `aws.*` is reserved, so the stand-in of the tests sends under a name of its own.
        source: ['aws.batch', ...(isEmulated ? ['emu.aws.batch'] : [])],
        detailType: ['Batch Job State Change'],
        detail: {
          jobQueue: [...props.queues],
          status: ['SUCCEEDED', 'FAILED'],
          // Not the children of an array: ten thousand of them end one job.
          arrayProperties: { index: Match.doesNotExist() },
        },
      },
      targets: [
        new FunctionTarget(props.finisher.function, {
          retryAttempts: 2,
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
    // Lambda by itself would repeat a round that failed, twice: each would count as three.
    this.reconciler.configureAsyncInvoke({ retryAttempts: 0 });
    new Rule(this, 'Reconcile', {
      description: `${config.name}: looks after jobs`,
      schedule: Schedule.rate(Duration.minutes(config.reconcileMinutes)),
      targets: [new FunctionTarget(props.reconciler.function, { retryAttempts: 0 })],
    });
  }
}
