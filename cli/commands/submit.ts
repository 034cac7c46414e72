import { type Command, Option } from 'commander';
import type { Lane } from '#core/contract/lane.ts';
import { CliError } from '../cli-error.ts';
import {
  addServiceOptions,
  connect,
  parseDeadline,
  type ServiceOptions,
  wholeNumber,
} from '../common-options.ts';
import { exitCodes, type SetExitCode } from '../exit-codes.ts';
import { refuseUnwritable, saveOutput } from '../files/save-output.ts';
import type { JobAnswer } from '../service/service-answers.ts';
import type { ServiceClient } from '../service/service-client.ts';
import { jobLines } from '../terminal/format-job.ts';
import { printNote, printResult, type Terminal } from '../terminal/terminal.ts';

interface SubmitOptions extends ServiceOptions {
  readonly data: string;
  readonly watch: boolean;
  readonly again: boolean;
  /** @default - the service's default model */
  readonly model?: string;
  /** @default - by the file's suffix */
  readonly format?: string;
  /** @default - `text`, or the only column */
  readonly textColumn?: string;
  /** @default - a comma; in `.tsv` a tab */
  readonly delimiter?: Delimiter;
  /** @default - the router's choice */
  readonly lane?: Lane;
  /** Milliseconds. @default - none */
  readonly deadline?: number;
  /** @default - the best label only */
  readonly topK?: number;
  /** @default - the service's choice */
  readonly workers?: number;
  /** @default - only where nothing else meets the deadline */
  readonly mixed?: boolean;
  /** @default - the results stay with the service */
  readonly output?: string;
}

// Not the schema's own list: loading it would double the time of --help.
const lanes = ['cpu-fleet', 'gpu-spot', 'gpu-on-demand'] as const satisfies readonly Lane[];
const delimiters = [',', ';', '|'] as const;
type Delimiter = (typeof delimiters)[number];

export function defineSubmit(
  program: Command,
  terminal: Terminal,
  setExitCode: SetExitCode,
): Command {
  const command = program
    .command('submit')
    .description('Make a job of a file; the same file with the same options is the same job')
    .argument('<file>', '.jsonl, .csv, .tsv, .txt (a text per line), each also as .gz, or .parquet')
    .option('--watch', 'follow the job to its end', false)
    .option('--output <file>', 'with --watch: write the results there when the job is done')
    .option('--again', 'make a new job although the file was submitted before', false)
    .option('--model <name>', 'model to use')
    .option('--format <format>', 'jsonl, lines … (wins over the suffix)')
    .option('--text-column <name>', 'column or field with the text (without it "text")')
    .addOption(
      new Option('--delimiter <char>', 'between the fields of a CSV file').choices(delimiters),
    )
    .addOption(new Option('--lane <lane>', 'this lane only').choices(lanes))
    .option('--deadline <time>', 'when it should be done, such as 5m, 1h or 24h', parseDeadline)
    .option('--top-k <count>', 'how many labels per row', wholeNumber({ least: 1, most: 100 }))
    .option('--workers <count>', 'most workers', wholeNumber({ least: 1, most: 64 }))
    .option('--mixed', 'CPU and GPU may share the job; each line then names its variant')
    .option('--no-mixed', 'never, not even where nothing else meets the deadline')
    .addOption(
      new Option('--data <folder>', "data folder of this machine's server, for large files")
        .env('SWITCHYARD_DATA')
        .default('.switchyard'),
    );
  return addServiceOptions(command).action(async (file: string, options: SubmitOptions) => {
    await refuseOutput(options);
    const client = await connect(options);
    const job = await submit(client, file, { options, terminal });
    const end = options.watch ? await follow(client, job, terminal) : { job, isStopped: false };
    const { json } = options;
    printResult(terminal, { json, document: end.job, lines: jobLines(end.job) });
    if (end.isStopped) {
      printNote(terminal, `The job goes on. See it with: switchyard status ${job.id}`);
      setExitCode(exitCodes.interrupted);
    } else if (options.watch) {
      await finish(client, end.job, { options, terminal, setExitCode });
    }
  });
}

async function refuseOutput({ watch, output }: SubmitOptions): Promise<void> {
  if (output === undefined) return;
  if (watch) return refuseUnwritable(output);
  throw new CliError(exitCodes.usage, 'output_needs_watch', '--output needs --watch', {
    remedy: 'Add --watch, or fetch the results later with "switchyard results <id> --output".',
  });
}

async function submit(
  client: ServiceClient,
  file: string,
  { options, terminal }: { readonly options: SubmitOptions; readonly terminal: Terminal },
): Promise<JobAnswer> {
  const { parseFormat, submitFile } = await import('../service/submit-file.ts');
  const { format, textColumn, delimiter, topK, workers, mixed } = options;
  const { job, isRepeated } = await submitFile(client, file, {
    dataFolder: options.data,
    isAnew: options.again,
    model: options.model,
    lane: options.lane,
    deadlineMs: options.deadline,
    options: {
      ...(format === undefined ? {} : { format: parseFormat(format) }),
      ...(textColumn === undefined ? {} : { textColumn }),
      ...(delimiter === undefined ? {} : { delimiter }),
      ...(topK === undefined ? {} : { topK }),
      ...(workers === undefined ? {} : { workers }),
      ...(mixed === undefined ? {} : { mixed }),
    },
  });
  if (isRepeated) {
    const which = `${job.id}, which is ${job.status}`;
    printNote(terminal, `This file was submitted before as ${which}; --again makes a new job.`);
  }
  return job;
}

async function follow(
  client: ServiceClient,
  submitted: JobAnswer,
  terminal: Terminal,
): Promise<{ readonly job: JobAnswer; readonly isStopped: boolean }> {
  const { watchJob } = await import('../service/watch-job.ts');
  const { openProgressDisplay } = await import('../terminal/show-progress.ts');
  const display = openProgressDisplay(terminal);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  let latest = submitted;
  try {
    const end = await watchJob(client, submitted.id, {
      onProgress: (job) => {
        latest = job;
        display.show(job);
      },
      onLost: (error) => display.showLost(error.detail),
      stop: interrupt.signal,
    });
    return { job: latest, isStopped: end === undefined };
  } finally {
    display.close();
    process.off('SIGINT', onInterrupt);
  }
}

async function finish(
  client: ServiceClient,
  job: JobAnswer,
  to: {
    readonly options: SubmitOptions;
    readonly terminal: Terminal;
    readonly setExitCode: SetExitCode;
  },
): Promise<void> {
  const { options, terminal } = to;
  if (job.status !== 'completed') return to.setExitCode(exitCodes.jobFailed);
  if (options.output !== undefined) {
    const saved = await saveOutput(
      client,
      { id: job.id, part: 'results', partial: false },
      options.output,
    );
    printNote(terminal, `${saved.lines} results in ${saved.output}`);
  } else {
    printNote(terminal, `Fetch the results with: switchyard results ${job.id}`);
  }
  if (job.counts.failed > 0) {
    printNote(terminal, `Rows with errors: switchyard results ${job.id} --errors`);
  }
}
