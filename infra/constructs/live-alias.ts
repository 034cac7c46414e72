import { Duration, Validations } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import {
  Alarm,
  ComparisonOperator,
  Metric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import {
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  TimeBasedCanaryTrafficRouting,
} from 'aws-cdk-lib/aws-codedeploy';
import { Alias, type IVersion, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { DeploymentSettings } from '../deployment-settings.ts';

export interface LiveAliasProps {
  readonly settings: DeploymentSettings;
  readonly function: LambdaFunction;
}

/** How long a new version has its share of the calls before it gets all of them. */
const CANARY_MINUTES = 5;

/** Answers of the whole API in a minute that may fail while a new version proves itself. */
const FAILED_ANSWERS = 2;

/**
 * The alias that everything calls. Its settings decide how many environments AWS keeps open for it and
 * whether a new version first proves itself on a share of the calls.
 */
export class LiveAlias extends Construct {
  readonly alias: Alias;

  constructor(scope: Construct, id: string, props: LiveAliasProps) {
    super(scope, id);
    const { provisionedConcurrency: provisioned } = props.settings.config;
    this.alias = new Alias(this, 'Alias', {
      aliasName: 'live',
      version: props.function.currentVersion as IVersion,
      ...(provisioned.mode === 'fixed'
        ? { provisionedConcurrentExecutions: provisioned.environments }
        : {}),
    });
    // The emulator knows neither scaling targets nor CodeDeploy.
    if (props.settings.isEmulated) return;
    this.#scale(props.settings);
    if (props.settings.config.canaryPercent > 0) this.#rollOutSlowly(props.settings);
  }

  #scale({ config }: DeploymentSettings): void {
    const provisioned = config.provisionedConcurrency;
    if (provisioned.mode === 'tracked') {
      this.alias
        .addAutoScaling({ minCapacity: provisioned.least, maxCapacity: provisioned.most })
        .scaleOnUtilization({ utilizationTarget: provisioned.utilization });
    } else if (provisioned.mode === 'scheduled') {
      const most = Math.max(1, ...provisioned.steps.map(({ environments }) => environments));
      const scaling = this.alias.addAutoScaling({ minCapacity: 0, maxCapacity: most });
      for (const [at, { schedule, environments }] of provisioned.steps.entries()) {
        scaling.scaleOnSchedule(`Step${at}`, {
          schedule: scheduleOf(schedule),
          minCapacity: environments,
          maxCapacity: environments,
        });
      }
    }
  }

  #rollOutSlowly({ config }: DeploymentSettings): void {
    const perMinute: MetricOptions = { period: Duration.minutes(1), statistic: 'sum' };
    const shared = {
      alarmDescription: `${config.name}: the new version of the inference function fails; it is being taken back. Runbook: new-version-errors`,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    };
    const errors = new Alarm(this, 'NewVersionErrors', {
      ...shared,
      metric: this.alias.metricErrors(perMinute),
      threshold: 0,
    });
    // A function that answers 500 to everything has no errors of its own to Lambda.
    const failedAnswers = new Alarm(this, 'NewVersionFailedAnswers', {
      ...shared,
      metric: new Metric({
        ...perMinute,
        namespace: 'AWS/ApiGateway',
        metricName: '5XXError',
        dimensionsMap: { ApiName: config.name },
      }),
      threshold: FAILED_ANSWERS,
    });
    const rollout = new LambdaDeploymentGroup(this, 'Rollout', {
      alias: this.alias,
      deploymentConfig: new LambdaDeploymentConfig(this, 'RolloutPace', {
        trafficRouting: new TimeBasedCanaryTrafficRouting({
          interval: Duration.minutes(CANARY_MINUTES),
          percentage: config.canaryPercent,
        }),
      }),
      alarms: [errors, failedAnswers],
      autoRollback: { deploymentInAlarm: true, failedDeployment: true },
    });
    Validations.of(rollout).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited]',
      reason: 'The policy that AWS keeps for shifting traffic between versions of a function.',
    });
  }
}

function scheduleOf(expression: string): Schedule {
  return Schedule.expression(expression);
}
