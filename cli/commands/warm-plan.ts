import { type Command, InvalidArgumentError, Option } from 'commander';
import { utcDay } from '#core/utc-day.ts';
import { addJsonOption, wholeNumber } from '../common-options.ts';
import { printNote, printResult, type Terminal } from '../terminal/terminal.ts';
import type { WarmPlan, WarmPlanSettings } from '../warm-plan.ts';

interface WarmPlanOptions extends Omit<WarmPlanSettings, 'trace' | 'coldShare' | 'memoryMib'> {
  readonly coldPercent: number;
  readonly memory: number;
  readonly json: boolean;
}

/** `switchyard warm-plan`: settings of `warming` in the deployment config, from recorded traffic. */
export function defineWarmPlan(program: Command, terminal: Terminal): Command {
  const command = program
    .command('warm-plan')
    .description(
      'How many Lambda environments to keep warm for recorded traffic, and at what price',
    )
    .argument('<trace>', 'CSV with t_s (seconds), or timestamp and a column of counts')
    .option('--column <name>', 'column of the counts')
    .option('--cold-percent <share>', 'cold starts allowed, of all requests', percent, 0.1)
    .option('--most <count>', 'environments at most', wholeNumber({ least: 0, most: 100 }), 20)
    .option('--service-millis <millis>', 'time of a request', millis(), 50)
    .option('--init-millis <millis>', 'start of an environment', millis(), 1_500)
    .option('--memory <mib>', 'of the function', wholeNumber({ least: 128, most: 10_240 }), 2_048)
    .addOption(
      new Option('--architecture <name>', 'of the function')
        .choices(['x86_64', 'arm64'])
        .default('x86_64'),
    )
    .option('--region <name>', 'region of the prices', 'us-east-1')
    .option('--ping-minutes <minutes>', 'how often', wholeNumber({ least: 1, most: 9 }), 5);
  return addJsonOption(command).action(async (trace: string, options: WarmPlanOptions) => {
    const { planWarming } = await import('../warm-plan.ts');
    const { coldPercent, memory: memoryMib, json, ...settings } = options;
    const today = utcDay(Date.now());
    const coldShare = coldPercent / 100;
    const plan = await planWarming({ ...settings, trace, coldShare, memoryMib }, today);
    printResult(terminal, { json, document: plan, lines: planLines(plan, coldPercent) });
    if (json) return;
    if (plan.price.kind === 'unknown') return printNote(terminal, plan.price.reason);
    for (const caveat of plan.price.price.caveats) printNote(terminal, caveat);
  });
}

function planLines({ days, without, choice, hours, price }: WarmPlan, coldPercent: number) {
  const { environments, replay, avoided } = choice;
  const share = (cold: number) => `${((100 * cold) / without.requests).toFixed(2)} %`;
  const isMet = replay.coldStarts * 100 <= coldPercent * without.requests;
  return [
    `${without.requests} requests in ${days.toFixed(1)} days, ${without.peakEnvironments} at once at most`,
    `without warming ${without.coldStarts} cold starts (${share(without.coldStarts)})`,
    `keep ${environments}: ${replay.coldStarts} cold starts (${share(replay.coldStarts)}), ${avoided} avoided` +
      (isMet ? '' : `; ${coldPercent} % cannot be reached`),
    `by hour from the first row: ${hours.join(' ')}`,
    ...priceLines(price),
  ];
}

function priceLines(price: WarmPlan['price']): readonly string[] {
  if (price.kind === 'unknown') return [];
  const { pingsUsd, provisionedUsd, pingsUsdPerAvoided, provisionedUsdPerAvoided } = price.price;
  const each = (usd: typeof pingsUsdPerAvoided) =>
    usd === undefined ? '' : `, $${usd.toFixed(6)} per avoided cold start`;
  return [
    `pings: $${pingsUsd.toFixed(2)} a month${each(pingsUsdPerAvoided)}`,
    `provisioned concurrency: $${provisionedUsd.toFixed(2)} a month${each(provisionedUsdPerAvoided)}`,
  ];
}

function millis() {
  return wholeNumber({ least: 1, most: 60_000 });
}

function percent(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 100) return value;
  throw new InvalidArgumentError('A number from 0 to 100 is needed.');
}
