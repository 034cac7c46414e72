import { randomBytes } from 'node:crypto';
import { type Command, InvalidArgumentError } from 'commander';
import { type Scope, scopeSchema } from '#core/contract/scope.ts';
import { tenantSchema } from '#core/contract/tenant.ts';
import { DAY_MILLIS } from '#core/utc-day.ts';
import type { KeyPorts, ShownKey } from '#work/deployment/api-keys.ts';
import { wholeNumber } from '../common-options.ts';
import { addDeploymentOptions, type DeploymentOptions } from '../service/deployment-options.ts';
import { keyLines, keyTable } from '../terminal/format-key.ts';
import { printNote, printResult, type Terminal } from '../terminal/terminal.ts';

interface CreateOptions extends DeploymentOptions {
  readonly tenant: string;
  readonly name?: string;
  readonly scopes: readonly Scope[];
  readonly plan?: string;
  readonly days?: number;
}

/** `switchyard keys create | list | revoke`: who may call a deployment in AWS. */
export function defineKeys(program: Command, terminal: Terminal): readonly Command[] {
  const keys = program.command('keys').description('Make, list and revoke keys of a deployment');
  return [
    keys,
    defineCreate(keys, terminal),
    defineList(keys, terminal),
    defineRevoke(keys, terminal),
  ];
}

function defineCreate(keys: Command, terminal: Terminal): Command {
  const command = keys
    .command('create')
    .description('Make a key; it is shown once and stored nowhere')
    .requiredOption('--tenant <name>', 'whose jobs the key sees', parseTenant)
    .option('--name <text>', 'what the key is for', parseKeyName)
    .option('--scopes <list>', 'some of predict,jobs,admin', parseScopes, ['predict', 'jobs'])
    .option('--plan <id>', 'usage plan with its rate and quota (default: that of the deployment)')
    .option('--days <count>', 'how long it works', wholeNumber({ least: 1, most: 3_650 }));
  return addDeploymentOptions(command).action(async (options: CreateOptions) => {
    const { apiUrl, plan, ...ports } = await open(options, terminal);
    const { createApiKey } = await import('#work/deployment/api-keys.ts');
    const { key, shown } = await createApiKey(ports, {
      random: randomBytes(32),
      tenant: options.tenant,
      name: options.name ?? options.tenant,
      scopes: options.scopes,
      plan: options.plan ?? plan,
      ...expiry(ports, options.days),
    });
    printResult(terminal, {
      json: options.json,
      document: { key, url: apiUrl, ...shown },
      lines: [key],
    });
    if (options.json) return;
    for (const line of [...keyLines(shown), '', ...howToTry(apiUrl)]) printNote(terminal, line);
  });
}

/** Without the key in it: what is pasted from here ends in the history of a shell. */
function howToTry(apiUrl: string): readonly string[] {
  const header = '-H "Authorization: Bearer $SWITCHYARD_KEY"';
  return [
    'The key is shown this once and stored nowhere. With it in SWITCHYARD_KEY:',
    `  curl ${apiUrl}/predict ${header} -d '{"text": "a gripping, beautiful film"}'`,
    `  switchyard predict --url ${apiUrl} "a gripping, beautiful film"`,
  ];
}

function defineList(keys: Command, terminal: Terminal): Command {
  const command = keys.command('list').description('Show the keys of a deployment, oldest first');
  return addDeploymentOptions(command).action(async (options: DeploymentOptions) => {
    const ports = await open(options, terminal);
    const { listApiKeys } = await import('#work/deployment/api-keys.ts');
    const shown: readonly ShownKey[] = await listApiKeys(ports);
    printResult(terminal, {
      json: options.json,
      document: { keys: shown },
      lines: keyTable(shown),
    });
  });
}

function defineRevoke(keys: Command, terminal: Terminal): Command {
  const command = keys
    .command('revoke')
    .description('Take a key back; the API forgets it within a minute')
    .argument('<id>', 'id of the key (8 digits are enough), or the key itself');
  return addDeploymentOptions(command).action(async (id: string, options: DeploymentOptions) => {
    const ports = await open(options, terminal);
    const { revokeApiKey } = await import('#work/deployment/api-keys.ts');
    const revoked = await revokeApiKey(ports, id);
    const lines = [`revoked ${revoked.id} (${revoked.name}); it works for 60 s more at most`];
    printResult(terminal, { json: options.json, document: { revoked }, lines });
  });
}

async function open(options: DeploymentOptions, terminal: Terminal) {
  const { openDeploymentKeys } = await import('../service/open-deployment-keys.ts');
  return await openDeploymentKeys(options, terminal.variables);
}

function expiry({ clock }: Pick<KeyPorts, 'clock'>, days: number | undefined) {
  return days === undefined ? {} : { expiresAtMillis: clock.epochMillis() + days * DAY_MILLIS };
}

function parseTenant(text: string): string {
  const tenant = tenantSchema.safeParse(text);
  if (tenant.success) return tenant.data;
  throw new InvalidArgumentError('It must be 1–64 letters, digits, "-", "_" and ".".');
}

function parseKeyName(text: string): string {
  if (text.trim() !== '' && text.length <= 128) return text;
  throw new InvalidArgumentError('It must be 1–128 characters.');
}

function parseScopes(text: string): readonly Scope[] {
  const scopes = scopeSchema
    .array()
    .min(1)
    .safeParse(text.split(',').map((each) => each.trim()));
  if (scopes.success) return [...new Set(scopes.data)];
  throw new InvalidArgumentError(`It must be some of ${scopeSchema.options.join(',')}.`);
}
