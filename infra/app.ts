// The CDK app: `npm run synth`, `npm run deploy`. Context: -c config=FILE, -c emulator=ministack.

import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { addDeployment, createApp } from './create-app.ts';
import { printIdleCost } from './print-idle-cost.ts';
import { readConfigFile } from './read-config-file.ts';

const app = createApp();
const file: unknown = app.node.tryGetContext('config');
const emulator: unknown = app.node.tryGetContext('emulator');
const config = configOrExit(typeof file === 'string' ? file : undefined);
addDeployment(app, { config, isEmulated: emulator === 'ministack' });
printIdleCost(app.synth(), config);

/** A mistake in a config is answered by one line: a stack trace would hide it. */
function configOrExit(name: string | undefined): DeploymentConfig {
  try {
    return readConfigFile(name);
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    process.stderr.write(`${error.detail}\n`);
    process.exit(1);
  }
}
