import { delimiter } from 'node:path';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { addJsonOption, wholeNumber } from '../common-options.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface ServeOptions {
  readonly port: number;
  readonly data: string;
  readonly models: readonly string[];
  /** @default - one less than the cores */
  readonly workers?: number;
  /** @default - no loss is rehearsed */
  readonly chaos?: string;
  /** @default - 1 */
  readonly chaosSpeed?: string;
}

export function defineServe(program: Command, terminal: Terminal): Command {
  const command = program
    .command('serve')
    .description('Run the service on this machine until Ctrl-C; its log is JSON lines')
    .addOption(
      new Option('--port <port>', 'port on 127.0.0.1; 0 takes a free one')
        .env('PORT')
        .default(8080)
        .argParser(wholeNumber({ least: 0, most: 65_535 })),
    )
    .addOption(
      new Option('--data <folder>', 'where everything is kept')
        .env('SWITCHYARD_DATA')
        .default('.switchyard'),
    )
    .option('--models <folder>', 'folder of further model bundles; repeatable', collect, [])
    .option('--workers <count>', 'most worker processes', wholeNumber({ least: 1, most: 64 }))
    .option('--chaos <seed|trace>', 'rehearse spot losses: a seed, or a CSV file of availability')
    .option('--chaos-speed <factor>', 'how many times faster than recorded a trace is replayed');
  return addJsonOption(command).action(async (options: ServeOptions) => {
    // Imported late: the other commands do not need the server.
    const { serve } = await import('../../functions/local/serve.ts');
    await serve(serveVariables(options, terminal.variables)).catch(async (error: unknown) => {
      throw await asServeError(error);
    });
  });
}

function serveVariables(options: ServeOptions, variables: Terminal['variables']) {
  const { port, data, models, workers, chaos, chaosSpeed } = options;
  return {
    ...variables,
    PORT: String(port),
    SWITCHYARD_DATA: data,
    ...(models.length === 0 ? {} : { SWITCHYARD_MODELS: models.join(delimiter) }),
    ...(workers === undefined ? {} : { SWITCHYARD_WORKERS: String(workers) }),
    ...(chaos === undefined ? {} : { SWITCHYARD_CHAOS: chaos }),
    ...(chaosSpeed === undefined ? {} : { SWITCHYARD_CHAOS_SPEED: chaosSpeed }),
  };
}

function collect(folder: string, folders: readonly string[]): readonly string[] {
  return [...folders, folder];
}

async function asServeError(error: unknown): Promise<unknown> {
  const { explainStartFailure } = await import('../../functions/local/explain-start-failure.ts');
  const failure = explainStartFailure(error);
  if (failure === undefined) return error;
  const { code, detail, remedy } = failure;
  return new CliError(exitCodes.refused, code, detail, { remedy, cause: error });
}
