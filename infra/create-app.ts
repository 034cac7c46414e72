import { App, Tags, Validations } from 'aws-cdk-lib';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { stackNamesOf } from '#core/deployment/stack-outputs.ts';
import { BulkStack } from './bulk-stack.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { featureFlags } from './feature-flags.ts';
import { OperationsStack } from './operations-stack.ts';
import { SecurityChecks } from './security-checks.ts';
import { ServingStack } from './serving-stack.ts';

export interface DeploymentOptions {
  readonly config: DeploymentConfig;
  /**
   * Leaves out what the emulator of the tests refuses.
   *
   * @default false
   */
  readonly isEmulated?: boolean;
}

/** A CDK app that behaves as new projects do; its context says what the command was told. */
export function createApp(outdir?: string): App {
  return new App({
    context: featureFlags,
    analyticsReporting: false,
    ...(outdir === undefined ? {} : { outdir }),
  });
}

/** Adds the whole deployment: two of different names fit into one account. */
export function addDeployment(app: App, options: DeploymentOptions): void {
  const { config, isEmulated = false } = options;
  const settings: DeploymentSettings = { config, isEmulated };
  // No account: it is that of whoever deploys, and nothing is looked up in it.
  const env = { region: config.region };
  const names = stackNamesOf(config.name);
  const bulk = new BulkStack(app, names.bulk, {
    settings,
    env,
    description: `Switchyard ${config.name}: jobs and their workers`,
  });
  const serving = new ServingStack(app, names.serving, {
    settings,
    jobs: bulk.jobs,
    env,
    description: `Switchyard ${config.name}: the API and the models`,
  });
  const operations = new OperationsStack(app, names.operations, {
    settings,
    bulk,
    serving,
    env,
    description: `Switchyard ${config.name}: alarms, dashboard, ledger`,
  });
  // By these the bill is told apart; they have to be activated once in the account's billing.
  Tags.of(app).add('switchyard:deployment', config.name);
  Tags.of(bulk).add('switchyard:part', 'bulk');
  Tags.of(serving).add('switchyard:part', 'serving');
  Tags.of(operations).add('switchyard:part', 'operations');
  Validations.of(app).addPlugins(new SecurityChecks(app, config));
}
