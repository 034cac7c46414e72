import type { Command } from 'commander';
import { addServiceOptions, connect, type ServiceOptions } from '../common-options.ts';
import { exitCodes, type SetExitCode } from '../exit-codes.ts';
import { saveOutput, streamOutput } from '../files/save-output.ts';
import { printNote, printResult, type Terminal } from '../terminal/terminal.ts';

interface ResultsOptions extends ServiceOptions {
  readonly errors: boolean;
  readonly partial: boolean;
  /** @default - standard output */
  readonly output?: string;
}

export function defineResults(
  program: Command,
  terminal: Terminal,
  setExitCode: SetExitCode,
): Command {
  const command = program
    .command('results')
    .description('Fetch the result lines (JSONL) of a finished job')
    .argument('<id>', 'id of a job')
    .option('--partial', 'what is done so far of a job that runs, failed or was cancelled', false)
    .option('--errors', 'the error lines instead', false)
    .option('--output <file>', 'write to a file, which appears when it is whole');
  return addServiceOptions(command).action(async (id: string, options: ResultsOptions) => {
    const isComplete = await fetchLines(id, options, terminal);
    if (isComplete) return;
    printNote(terminal, 'The job is not complete: these are the lines done so far.');
    // Who did not ask for a part must not take it for the whole.
    if (!options.partial) setExitCode(exitCodes.jobFailed);
  });
}

/** False where lines are missing. */
async function fetchLines(
  id: string,
  { errors, partial, output, ...options }: ResultsOptions,
  terminal: Terminal,
): Promise<boolean> {
  const client = await connect(options);
  const wanted = { id, part: errors ? 'errors' : 'results', partial } as const;
  // The lines are JSON already, so --json changes nothing about them.
  if (output === undefined) return await streamOutput(client, wanted, terminal.stdout);
  const saved = await saveOutput(client, wanted, output);
  const { json } = options;
  if (json) printResult(terminal, { json, document: saved, lines: [] });
  else printNote(terminal, `${saved.lines} lines, ${saved.bytes} bytes in ${saved.output}`);
  return saved.isComplete;
}
