import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_TENANT, tenantSchema } from '#core/contract/tenant.ts';
import { CliError } from '../cli-error.ts';
import { addJsonOption } from '../common-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

interface SecretOptions {
  readonly data: string;
  /** @default - a server on one machine */
  readonly deployment?: string;
  readonly region: string;
  readonly tenant: string;
  readonly json: boolean;
}

export function defineWebhookSecret(program: Command, terminal: Terminal): Command {
  const command = program
    .command('webhook-secret')
    .description('Show the key that verifies webhooks of a tenant (Standard Webhooks, v1)')
    .addOption(
      new Option('--data <folder>', 'data folder of a server on this machine')
        .env('SWITCHYARD_DATA')
        .default('.switchyard'),
    )
    .option('--deployment <name>', 'instead of that server: a deployment in AWS, by its name')
    .addOption(
      new Option('--region <region>', 'AWS region of the deployment')
        .env('AWS_REGION')
        .default('us-east-1'),
    )
    .addOption(
      new Option('--tenant <name>', 'whose webhooks')
        .default(DEFAULT_TENANT)
        .argParser(parseTenant),
    );
  return addJsonOption(command).action(async (options: SecretOptions) => {
    const { webhookSecret } = await import('#work/finish/sign-webhook.ts');
    const secret = webhookSecret({ secret: await secretOf(options), tenant: options.tenant });
    printResult(terminal, { json: options.json, document: { secret }, lines: [secret] });
  });
}

async function secretOf({ data, deployment, region }: SecretOptions): Promise<string> {
  if (deployment !== undefined) {
    const { readDeployedSecret } = await import('../service/read-deployed-secret.ts');
    return await readDeployedSecret({ deployment, region });
  }
  const file = join(data, 'secret');
  if (!existsSync(file)) {
    throw new CliError(exitCodes.usage, 'no_deployment', `no server has run in ${data} yet`, {
      remedy: 'Start it once, or name its data folder with --data, or a deployment.',
    });
  }
  const { readDeploymentSecret } = await import('#adapters/local/deployment-secret.ts');
  return await readDeploymentSecret(file);
}

function parseTenant(text: string): string {
  const tenant = tenantSchema.safeParse(text);
  if (tenant.success) return tenant.data;
  throw new InvalidArgumentError('It must be 1–64 letters, digits, "-", "_" and ".".');
}
