// The CDK app: `npm run synth`, `npm run deploy`. Context: -c config=FILE, -c emulator=ministack.

import { addDeployment, createApp } from './create-app.ts';
import { printIdleCost } from './print-idle-cost.ts';
import { readConfigFile } from './read-config-file.ts';

const app = createApp();
const file: unknown = app.node.tryGetContext('config');
const emulator: unknown = app.node.tryGetContext('emulator');
const config = readConfigFile(typeof file === 'string' ? file : undefined);
addDeployment(app, { config, isEmulated: emulator === 'ministack' });
printIdleCost(app.synth(), config);
