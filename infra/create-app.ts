import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { stackNamesOf } from '#core/deployment/stack-outputs.ts';
import { BulkStack } from './bulk-stack.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { featureFlags } from './feature-flags.ts';
import { SecurityChecks } from './security-checks.ts';
import { ServingStack } from './serving-stack.ts';

export interface SwitchyardAppOptions {
  readonly config: DeploymentConfig;
  /**
   * Leaves out what the emulator of the tests refuses.
   *
   * @default false
   */
  readonly isEmulated?: boolean;
  /**
   * Where the templates go.
   *
   * @default - what the CDK's command says, else a temporary folder
   */
  readonly outdir?: string;
}

export interface SwitchyardApp {
  readonly app: App;
  readonly bulk: BulkStack;
  readonly serving: ServingStack;
}

/** The whole deployment as a CDK app: two of different names fit into one account. */
export function createSwitchyardApp(options: SwitchyardAppOptions): SwitchyardApp {
  const { config, isEmulated = false, outdir } = options;
  const settings: DeploymentSettings = { config, isEmulated };
  const props: AppProps = {
    context: featureFlags,
    analyticsReporting: false,
    ...(outdir === undefined ? {} : { outdir }),
  };
  const app = new App(props);
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
  tag(app, { config, bulk, serving });
  Validations.of(app).addPlugins(new SecurityChecks(app));
  return { app, bulk, serving };
}

/** By which the bill is told apart; they have to be activated once in the account's billing. */
function tag(
  app: App,
  parts: Omit<SwitchyardApp, 'app'> & { readonly config: DeploymentConfig },
): void {
  Tags.of(app).add('switchyard:deployment', parts.config.name);
  Tags.of(parts.bulk).add('switchyard:part', 'bulk');
  Tags.of(parts.serving).add('switchyard:part', 'serving');
}
