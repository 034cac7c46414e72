import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { warmerSettingsSchema } from '#core/deployment/function-settings.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { settingsOf } from '../settings-of.ts';
import { metricsNamespaceOf } from './metrics-namespace.ts';
import { controlFunction, SwitchyardFunction } from './switchyard-function.ts';

export interface WarmerProps {
  readonly settings: DeploymentSettings;
  /** What is kept warm. */
  readonly alias: Alias;
}

/** Pings the alias on a schedule, so that so many environments have the models open. */
export class Warmer extends Construct {
  readonly warmer: SwitchyardFunction;

  constructor(scope: Construct, id: string, props: WarmerProps) {
    super(scope, id);
    const { environments, holdMillis, schedule } = props.settings.config.warming;
    this.warmer = new SwitchyardFunction(this, 'Warmer', {
      settings: props.settings,
      package: 'warmer',
      description: 'keeps environments of the inference function open',
      ...controlFunction,
      timeout: Duration.seconds(60),
      environment: settingsOf(warmerSettingsSchema, {
        SWITCHYARD_METRICS_NAMESPACE: metricsNamespaceOf(props.settings.config),
        SWITCHYARD_WARM_FUNCTION: props.alias.functionArn,
        SWITCHYARD_WARM_ENVIRONMENTS: environments,
        SWITCHYARD_WARM_HOLD_MILLIS: holdMillis,
      }),
      statements: [
        new PolicyStatement({
          actions: ['lambda:InvokeFunction'],
          resources: [props.alias.functionArn],
        }),
      ],
    });
    // A run that failed is made up for by the next one, and not by Lambda's own two retries.
    this.warmer.function.configureAsyncInvoke({ retryAttempts: 0 });
    new Rule(this, 'Schedule', {
      description: `${props.settings.config.name}: keeps ${environments} environments warm`,
      schedule: Schedule.expression(schedule),
      targets: [new FunctionTarget(this.warmer.function, { retryAttempts: 0 })],
    });
  }
}
