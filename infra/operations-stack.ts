import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { BulkStack } from './bulk-stack.ts';
import { Alarms } from './constructs/alarms.ts';
import { CostReports } from './constructs/cost-reports.ts';
import { DriftWatch } from './constructs/drift-watch.ts';
import { LogDelivery, ledgerLines, predictionLines } from './constructs/log-delivery.ts';
import { Overview } from './constructs/overview.ts';
import { addSpendingBudget } from './constructs/spending-budget.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import type { ServingStack } from './serving-stack.ts';

export interface OperationsStackProps extends StackProps {
  readonly settings: DeploymentSettings;
  readonly bulk: BulkStack;
  readonly serving: ServingStack;
}

/** What tells people about the other two stacks; nothing of them needs it. */
export class OperationsStack extends Stack {
  constructor(scope: Construct, id: string, props: OperationsStackProps) {
    super(scope, id, props);
    const { settings, bulk, serving } = props;
    const { data } = bulk.jobs.buckets;
    const drift =
      settings.config.predictionLog === 'off'
        ? undefined
        : new DriftWatch(this, 'Drift', { settings, data });
    if (drift !== undefined) {
      new CfnOutput(this, 'DriftFunction', { value: drift.watch.function.functionName });
    }
    if (settings.config.costReports !== 'off') {
      const period = settings.config.costReports;
      const { reporter } = new CostReports(this, 'Costs', { settings, data, period });
      new CfnOutput(this, 'CostsFunction', { value: reporter.function.functionName });
    }
    new Alarms(this, 'Alarms', { settings, bulk, serving, drift });
    if (settings.config.dashboard) new Overview(this, 'Overview', { settings, bulk, serving });
    const { logGroup: Inference } = serving.inference;
    new LogDelivery(this, 'Ledger', {
      ...{ settings, bucket: data, lines: ledgerLines },
      // Rows of jobs are written by those who end them.
      logGroups: {
        Inference,
        ...(serving.warmer === undefined ? {} : { Warmer: serving.warmer.logGroup }),
      },
    });
    if (settings.config.predictionLog === 'full') {
      const lines = predictionLines;
      new LogDelivery(this, 'Texts', { settings, bucket: data, lines, logGroups: { Inference } });
    }
    // The emulator knows no budgets.
    if (!settings.isEmulated) addSpendingBudget(this, settings.config);
  }
}
