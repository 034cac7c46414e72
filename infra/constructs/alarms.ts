import { Duration, Validations } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { BulkStack } from '../bulk-stack.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import type { ServingStack } from '../serving-stack.ts';
import type { DriftWatch } from './drift-watch.ts';

export interface AlarmsProps {
  readonly settings: DeploymentSettings;
  readonly bulk: BulkStack;
  readonly serving: ServingStack;
  /** Undefined where nothing is kept of answers. */
  readonly drift: DriftWatch | undefined;
}

interface Watch {
  /** Heading in docs/runbook.md. */
  readonly runbook: string;
  readonly says: string;
  readonly metric: Metric;
  /** Alarm above it. */
  readonly most: number;
  /** Periods in a row; each is as long as the metric's. */
  readonly periods: number;
}

/** The few things that somebody should get up for; each has its section in docs/runbook.md. */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const topic = this.#createTopic(props.settings);
    for (const { runbook, says, metric, most, periods } of watches(props)) {
      const alarm = new Alarm(this, runbook, {
        alarmDescription: `${props.settings.config.name}: ${says}. docs/runbook.md: ${runbook}`,
        metric,
        threshold: most,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: periods,
        // No calls, no numbers: an idle service is a healthy one.
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      if (topic !== undefined) alarm.addAlarmAction(new SnsAction(topic));
    }
  }

  #createTopic({ config }: DeploymentSettings): Topic | undefined {
    if (config.notifyEmail === undefined) return undefined;
    const topic = new Topic(this, 'Topic', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(config.notifyEmail));
    Validations.of(topic).acknowledge({
      id: 'AwsSolutions-SNS2',
      reason: 'CloudWatch cannot use the key that AWS manages; a message names an alarm only.',
    });
    return topic;
  }
}

/** So many rounds of the reconciler are looked at together; three of them failing is no accident. */
const RECONCILER_ROUNDS = 4;

function watches({ settings, bulk, serving, drift }: AlarmsProps): readonly Watch[] {
  const five = { period: Duration.minutes(5), statistic: 'sum' };
  const rounds = Duration.minutes(RECONCILER_ROUNDS * settings.config.reconcileMinutes);
  return [
    {
      runbook: 'api-failures',
      says: 'more than 5 calls in 5 minutes failed inside the service, twice in a row',
      metric: serving.front.api.metricServerError(five),
      most: 5,
      periods: 2,
    },
    {
      runbook: 'dead-letters',
      says: 'a file that was dropped could not be made a job of',
      metric: bulk.drops.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: 'max',
      }),
      most: 0,
      periods: 1,
    },
    {
      runbook: 'reconciler-failures',
      says: `the reconciler failed in three of ${RECONCILER_ROUNDS} rounds: jobs whose events were lost stand still`,
      metric: bulk.upkeep.reconciler.metricErrors({ period: rounds, statistic: 'sum' }),
      most: 2,
      periods: 1,
    },
    ...(drift === undefined ? [] : driftWatches(drift)),
  ];
}

function driftWatches({ drifted, watch }: DriftWatch): readonly Watch[] {
  return [
    {
      runbook: 'drift',
      says: 'a model says something else than it used to, or is asked something else',
      metric: drifted,
      most: 0,
      periods: 1,
    },
    {
      runbook: 'drift-failures',
      says: 'nobody looked for drift yesterday',
      metric: watch.function.metricErrors({ period: Duration.days(1), statistic: 'sum' }),
      most: 0,
      periods: 1,
    },
  ];
}
