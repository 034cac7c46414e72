import { Duration } from 'aws-cdk-lib';
import { Dashboard, GraphWidget, type IMetric, Row, TextWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { BulkStack } from '../bulk-stack.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import type { ServingStack } from '../serving-stack.ts';

export interface OverviewProps {
  readonly settings: DeploymentSettings;
  readonly bulk: BulkStack;
  readonly serving: ServingStack;
}

/** One page: is it answering, how fast, is bulk work moving, what is it waiting for. */
export class Overview extends Construct {
  constructor(scope: Construct, id: string, { settings, bulk, serving }: OverviewProps) {
    super(scope, id);
    const { api } = serving.front;
    const inference = serving.inference.function;
    const sum = { period: Duration.minutes(5), statistic: 'sum' };
    const dashboard = new Dashboard(this, 'Dashboard', { defaultInterval: Duration.days(1) });
    dashboard.addWidgets(
      new Row(
        new TextWidget({
          markdown: `# ${settings.config.name}\nAlarms and what to do: docs/runbook.md`,
          width: 24,
          height: 2,
        }),
      ),
      new Row(
        graph('Calls', [
          api.metricCount(sum),
          api.metricClientError(sum),
          api.metricServerError(sum),
        ]),
        graph('Answer, ms', [
          api.metricLatency({ statistic: 'p50' }),
          api.metricLatency({ statistic: 'p95' }),
          api.metricLatency({ statistic: 'p99' }),
        ]),
        graph('Inference function', [
          inference.metric('ConcurrentExecutions', { statistic: 'max' }),
          inference.metricThrottles(sum),
          inference.metricErrors(sum),
        ]),
      ),
      new Row(
        graph('Files waiting', [
          bulk.drops.queue.metricApproximateNumberOfMessagesVisible(),
          bulk.drops.deadLetters.metricApproximateNumberOfMessagesVisible(),
        ]),
        graph('Fleet', [
          bulk.jobs.fleet.metric('ConcurrentExecutions', { statistic: 'max' }),
          bulk.jobs.fleet.metricErrors(sum),
        ]),
        graph('Upkeep of jobs', [
          bulk.upkeep.reconciler.metricErrors(sum),
          bulk.upkeep.reconciler.metricDuration({ statistic: 'max' }),
        ]),
      ),
    );
  }
}

function graph(title: string, left: IMetric[]): GraphWidget {
  return new GraphWidget({ title, left, width: 8, height: 6 });
}
