import { type Command, InvalidArgumentError, Option } from 'commander';
import type { DriftReport } from '#core/drift/drift-report.ts';
import type { ProfiledModel } from '#core/drift/profile-rows.ts';
import { DAY_MILLIS } from '#core/utc-day.ts';
import { addJsonOption } from '../common-options.ts';
import { exitCodes, type SetExitCode } from '../exit-codes.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

interface DriftOptions {
  readonly data: string;
  readonly deployment?: string;
  readonly region: string;
  readonly from?: number;
  readonly to?: number;
  readonly json: boolean;
}

/** `switchyard drift`: whether models say something else than they used to. */
export function defineDrift(
  program: Command,
  terminal: Terminal,
  setExitCode: SetExitCode,
): Command {
  const drift = addOptions(
    program
      .command('drift')
      .description('Compare what models said with what they used to say, by the ledger'),
  ).action(async (options: DriftOptions) => {
    const { watchDrift } = await import('#work/drift/watch-drift.ts');
    const report = await watchDrift(await openPorts(options), rangeOf(options));
    printResult(terminal, { json: options.json, document: report, lines: reportLines(report) });
    if (report.verdict === 'drifted') setExitCode(exitCodes.drifted);
  });
  const baseline = drift
    .command('baseline')
    .description('Pin what models said in this time as what later days are compared with');
  addOptions(baseline).action(async (_: unknown, command: Command) => {
    const options: DriftOptions = command.optsWithGlobals();
    const { pinDriftBaseline } = await import('#work/drift/watch-drift.ts');
    const pinned = await pinDriftBaseline(await openPorts(options), rangeOf(options));
    printResult(terminal, {
      json: options.json,
      document: {
        pinned: pinned.map(({ model, variant, profile }) => ({
          model,
          variant,
          items: profile.items,
        })),
      },
      lines: pinned.map(pinnedLine),
    });
  });
  return drift;
}

function addOptions(command: Command): Command {
  const described = command
    .addOption(
      new Option('--data <folder>', 'where everything is kept')
        .env('SWITCHYARD_DATA')
        .default('.switchyard'),
    )
    .option('--deployment <name>', 'the ledger of a deployment in AWS instead')
    .option('--region <name>', 'of that deployment', 'us-east-1')
    .option('--from <day>', 'first day (UTC)  (default: the last 24 hours)', parseDay)
    .option('--to <day>', 'last day (UTC)', parseDay);
  return addJsonOption(described);
}

async function openPorts({ deployment, region, data }: DriftOptions) {
  const { openDeployedDrift, openLocalDrift } = await import('../report/open-drift.ts');
  return deployment === undefined
    ? await openLocalDrift(data)
    : await openDeployedDrift({ deployment, region });
}

function rangeOf({ from, to }: DriftOptions) {
  const toMillis = to === undefined ? Date.now() : to + DAY_MILLIS;
  return { fromMillis: from ?? toMillis - DAY_MILLIS, toMillis };
}

function reportLines(report: DriftReport): readonly string[] {
  const lines = report.models.map(
    ({ model, variant, verdict, reason }) => `${model} ${variant}: ${verdict}; ${reason}`,
  );
  const none = 'no answers in this time; is predictionLog "off"?';
  return [
    ...(lines.length === 0 ? [none] : lines),
    `${report.verdict} (${report.from} – ${report.to})`,
  ];
}

function pinnedLine({ model, variant, profile }: ProfiledModel): string {
  return `${model} ${variant}: ${profile.items} texts are the baseline`;
}

function parseDay(text: string): number {
  const millis = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(millis)) return millis;
  throw new InvalidArgumentError('It must be a day such as 2026-11-24.');
}
