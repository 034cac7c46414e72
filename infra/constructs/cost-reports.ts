import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as FunctionTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ReportPeriod } from '#core/cost/report/report-period.ts';
import { reportSettingsSchema } from '#core/deployment/function-settings.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { settingsOf } from '../settings-of.ts';
import { readLedger, writeReports } from './bucket-statements.ts';
import { SwitchyardFunction } from './switchyard-function.ts';

export interface CostReportsProps {
  readonly settings: DeploymentSettings;
  readonly data: Bucket;
  readonly period: ReportPeriod;
}

/** A day after the period, when every row has arrived. */
const schedules: Readonly<Record<ReportPeriod, string>> = {
  monthly: 'cron(0 6 2 * ? *)',
  weekly: 'cron(0 6 ? * TUE *)',
};

/** Writes down, once a month or a week, what it cost and what it would have cost elsewhere. */
export class CostReports extends Construct {
  readonly reporter: SwitchyardFunction;

  constructor(scope: Construct, id: string, { settings, data, period }: CostReportsProps) {
    super(scope, id);
    this.reporter = new SwitchyardFunction(this, 'Reporter', {
      settings,
      package: 'costs',
      description: 'writes down what a month or a week cost',
      memoryMb: 1_024,
      timeout: Duration.minutes(15),
      environment: settingsOf(reportSettingsSchema, {
        SWITCHYARD_DATA_BUCKET: data.bucketName,
        SWITCHYARD_REPORT_PERIOD: period,
      }),
      statements: [...readLedger(data), ...writeReports(data, 'costs')],
    });
    new Rule(this, 'Schedule', {
      description: `${settings.config.name}: what the last period cost`,
      schedule: Schedule.expression(schedules[period]),
      // A period has one report however often it is asked for, so a run that failed is repeated.
      targets: [new FunctionTarget(this.reporter.function, { retryAttempts: 2 })],
    });
  }
}
