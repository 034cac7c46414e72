import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { utcDay } from '#core/utc-day.ts';
import { CliError } from '../cli-error.ts';
import { addJsonOption } from '../common-options.ts';
import { exitCodes } from '../exit-codes.ts';
import { printNote, printResult, type Terminal } from '../terminal/terminal.ts';

interface RefreshOptions {
  readonly region: string;
  readonly data: string;
  readonly partial: boolean;
  readonly json: boolean;
}

/** `switchyard prices refresh`: today's prices of a region, beside the shipped ones. */
export function definePrices(program: Command, terminal: Terminal): readonly Command[] {
  const prices = program.command('prices').description('Prices that estimates are made with');
  const refresh = prices
    .command('refresh')
    .description("Read a region's prices of today from AWS, into the data folder")
    .addOption(
      new Option('--region <name>', 'whose prices')
        .env('SWITCHYARD_PRICE_REGION')
        .default('us-east-1'),
    )
    .addOption(
      new Option('--data <folder>', 'where everything is kept')
        .env('SWITCHYARD_DATA')
        .default('.switchyard'),
    )
    .option('--partial', 'write what was found even where some price was not', false);
  addJsonOption(refresh).action((options: RefreshOptions) => refreshInto(options, terminal));
  return [prices, refresh];
}

async function refreshInto(options: RefreshOptions, terminal: Terminal): Promise<void> {
  const { explainAwsFailure } = await import('../service/aws-failure.ts');
  const { readTodaysPrices } = await import('../report/read-todays-prices.ts');
  const { writePriceFile } = await import('#adapters/local/price-files.ts');
  const { region, partial, data, json } = options;
  const today = utcDay(Date.now());
  const refreshed = await readTodaysPrices({ region, today, variables: terminal.variables }).catch(
    (error: unknown) => {
      throw explainAwsFailure(error) ?? error;
    },
  );
  const { problems, minorProblems, notOffered, found } = refreshed;
  for (const name of notOffered) printNote(terminal, `not offered in ${region}: ${name}`);
  if (problems.length > 0 && !partial) throw notAll(problems);
  for (const each of [...problems, ...minorProblems]) printNote(terminal, `left out: ${each}`);
  const name = `${today}-${region}`;
  const file = await writePriceFile(join(data, 'prices'), { name, content: refreshed.file });
  printResult(terminal, {
    json,
    document: {
      region,
      found,
      not_offered: notOffered,
      left_out: [...problems, ...minorProblems],
      file,
    },
    lines: [`${found} prices of ${region}, ${today}`, file],
  });
}

function notAll(problems: readonly string[]): CliError {
  const detail = `${problems.length} prices were not found, and nothing was written:\n  ${problems.join('\n  ')}`;
  return new CliError(exitCodes.refused, 'unknown_price', detail, {
    remedy: 'Say --partial to write the rest; what is left out keeps its shipped price.',
  });
}
