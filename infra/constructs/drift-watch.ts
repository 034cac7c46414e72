import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { driftSettingsSchema } from '#core/deployment/function-settings.ts';
import { driftMetrics } from '#core/metrics/billed-metrics.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { settingsOf } from '../settings-of.ts';
import { readLedger, writeReports } from './bucket-statements.ts';
import { metricsNamespaceOf } from './metrics-namespace.ts';
import { SwitchyardFunction } from './switchyard-function.ts';

export interface DriftWatchProps {
  readonly settings: DeploymentSettings;
  readonly data: Bucket;
}

/** A million rows take about half a minute; a day may have many. */
const LONGEST = Duration.minutes(15);

/** Compares, once a day, what models said with what they used to say. */
export class DriftWatch extends Construct {
  readonly watch: SwitchyardFunction;
  /** Models that drifted, in a day that had enough texts to tell. */
  readonly drifted: Metric;

  constructor(scope: Construct, id: string, { settings, data }: DriftWatchProps) {
    super(scope, id);
    const namespace = metricsNamespaceOf(settings.config);
    this.watch = new SwitchyardFunction(this, 'Watch', {
      settings,
      package: 'drift',
      description: 'compares what models said yesterday with what they used to say',
      memoryMb: 1_024,
      timeout: LONGEST,
      environment: settingsOf(driftSettingsSchema, {
        SWITCHYARD_METRICS_NAMESPACE: namespace,
        SWITCHYARD_DATA_BUCKET: data.bucketName,
      }),
      statements: [...readLedger(data), ...writeReports(data, 'drift')],
    });
    // Yesterday is looked at once; by hand any day can be named (docs/runbook.md).
    this.watch.function.configureAsyncInvoke({ retryAttempts: 0 });
    new Rule(this, 'Daily', {
      description: `${settings.config.name}: looks for drift`,
      schedule: Schedule.rate(Duration.days(1)),
      targets: [new FunctionTarget(this.watch.function, { retryAttempts: 0 })],
    });
    this.drifted = new Metric({
      namespace,
      metricName: driftMetrics[0],
      period: Duration.days(1),
      statistic: 'max',
    });
  }
}
