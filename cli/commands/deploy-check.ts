import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type AccountFinding, checkAccount } from '#core/deployment/check-account.ts';
import { type DeploymentConfig, readDeploymentConfig } from '#core/deployment/deployment-config.ts';
import { stackNamesOf } from '#core/deployment/stack-outputs.ts';
import { utcDay } from '#core/utc-day.ts';
import { addJsonOption } from '../common-options.ts';
import { exitCodes, type SetExitCode } from '../exit-codes.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

interface DeployCheckOptions {
  readonly config: string;
  readonly assembly: string;
  readonly json: boolean;
}

const marks = { ok: 'ok  ', warn: 'warn', stop: 'STOP', unknown: '?   ' } as const;

/** `switchyard deploy-check`: would a deployment go through here, and what would it cost to have. */
export function defineDeployCheck(
  program: Command,
  terminal: Terminal,
  setExitCode: SetExitCode,
): Command {
  const command = program
    .command('deploy-check')
    .description(
      'Look for what would stop a deployment to AWS: credentials, bootstrap, quotas, offers; and its idle price',
    )
    .option('--config <file>', 'config of the deployment', 'config.json')
    .option('--assembly <folder>', 'templates of `npm run synth`, for the price', 'cdk.out');
  return addJsonOption(command).action(
    async ({ config: file, assembly, json }: DeployCheckOptions) => {
      const config = readDeploymentConfig(
        existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {},
      );
      const { createAccountFacts } = await import('#adapters/aws/account/account-facts.ts');
      const findings = await checkAccount(createAccountFacts({ region: config.region }), config);
      const price = await idlePrice(assembly, config);
      const lines = [...findings.flatMap(linesOf), '', ...price.lines];
      const document = { findings, idle_usd_per_month: price.usd };
      printResult(terminal, { json, document, lines });
      if (findings.some(({ level }) => level === 'stop')) setExitCode(exitCodes.refused);
    },
  );
}

function linesOf({ level, what, remedy }: AccountFinding): readonly string[] {
  return [`${marks[level]}  ${what}`, ...(remedy === undefined ? [] : [`      ${remedy}`])];
}

/** From the templates, so that it is the price of what would be deployed. */
async function idlePrice(
  assembly: string,
  config: DeploymentConfig,
): Promise<{ readonly usd: number | null; readonly lines: readonly string[] }> {
  const files = Object.values(stackNamesOf(config.name)).map((stack) =>
    join(assembly, `${stack}.template.json`),
  );
  if (!files.every((each) => existsSync(each))) {
    return { usd: null, lines: ['The price of an idle month: run `npm run synth` first.'] };
  }
  const [{ idleCost }, { idleTemplateSchema }, { openShippedPrices }] = await Promise.all([
    import('#core/deployment/idle/idle-cost.ts'),
    import('#core/deployment/idle/idle-template.ts'),
    import('#core/cost/shipped-prices.ts'),
  ]);
  const { settingSurcharges } = await import('#core/deployment/idle/setting-surcharges.ts');
  const { describeIdleCost } = await import('#core/deployment/idle/describe-idle-cost.ts');
  const prices = openShippedPrices({ today: utcDay(Date.now()) });
  const templates = files.map((each) =>
    idleTemplateSchema.parse(JSON.parse(readFileSync(each, 'utf8'))),
  );
  const cost = idleCost(templates, { prices, region: config.region });
  return {
    usd: cost.billedUsd.toNumber(),
    lines: describeIdleCost(cost, settingSurcharges(config, prices)),
  };
}
