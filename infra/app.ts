// The CDK app: `npm run synth`, `npm run deploy`. Context: -c config=FILE, -c emulator=ministack.

import { App } from 'aws-cdk-lib';
import { createSwitchyardApp } from './create-app.ts';
import { readConfigFile } from './read-config-file.ts';

// A bare app, to ask for the context that the command gave.
const context = new App().node;
const file: unknown = context.tryGetContext('config');
const emulator: unknown = context.tryGetContext('emulator');
const config = readConfigFile(typeof file === 'string' ? file : undefined);
createSwitchyardApp({ config, isEmulated: emulator === 'ministack' }).app.synth();
