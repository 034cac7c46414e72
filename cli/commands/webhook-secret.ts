import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { addJsonOption } from '../common-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

/** Tenant of everybody who calls a server on one machine. */
const TENANT = 'local';

export function defineWebhookSecret(program: Command, terminal: Terminal): Command {
  const command = program
    .command('webhook-secret')
    .description("Show the key that verifies a local server's webhooks (Standard Webhooks, v1)")
    .addOption(
      new Option('--data <folder>', 'data folder of the server')
        .env('SWITCHYARD_DATA')
        .default('.switchyard'),
    );
  return addJsonOption(command).action(async (options: { data: string; json: boolean }) => {
    const { data, json } = options;
    const secret = await secretOf(data);
    printResult(terminal, { json, document: { secret }, lines: [secret] });
  });
}

async function secretOf(dataFolder: string): Promise<string> {
  const file = join(dataFolder, 'secret');
  if (!existsSync(file)) {
    throw new CliError(exitCodes.usage, 'no_deployment', `no server has run in ${dataFolder} yet`, {
      remedy: 'Start it once, or name its data folder with --data.',
    });
  }
  const { readDeploymentSecret } = await import('#adapters/local/deployment-secret.ts');
  const { webhookSecret } = await import('#work/finish/sign-webhook.ts');
  return webhookSecret({ secret: await readDeploymentSecret(file), tenant: TENANT });
}
