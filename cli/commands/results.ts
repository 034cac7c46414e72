import type { Command } from 'commander';
import { addServiceOptions, connect, type ServiceOptions } from '../common-options.ts';
import { saveOutput, streamOutput } from '../save-output.ts';
import { printNote, printResult, type Terminal } from '../terminal.ts';

interface ResultsOptions extends ServiceOptions {
  readonly errors: boolean;
  /** @default - standard output */
  readonly output?: string;
}

export function defineResults(program: Command, terminal: Terminal): Command {
  const command = program
    .command('results')
    .description('Fetch the result lines (JSONL) of a finished job')
    .argument('<id>', 'id of a job')
    .option('--errors', 'the error lines instead', false)
    .option('--output <file>', 'write to a file, which appears when it is whole');
  return addServiceOptions(command).action(async (id: string, options: ResultsOptions) => {
    const client = await connect(options);
    const part = options.errors ? 'errors' : 'results';
    const { output, json } = options;
    // The lines are JSON already, so --json changes nothing about them.
    if (output === undefined) return streamOutput(client, { id, part }, terminal.stdout);
    const saved = await saveOutput(client, { id, part }, output);
    if (json) printResult(terminal, { json, document: saved, lines: [] });
    else printNote(terminal, `${saved.lines} lines, ${saved.bytes} bytes in ${saved.output}`);
  });
}
