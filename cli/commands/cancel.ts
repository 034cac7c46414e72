import type { Command } from 'commander';
import { addServiceOptions, connect, type ServiceOptions } from '../common-options.ts';
import { jobLines } from '../terminal/format-job.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

export function defineCancel(program: Command, terminal: Terminal): Command {
  const command = program
    .command('cancel')
    .description('Stop a job; what is done is kept, can be read, and a resume goes on from there')
    .argument('<id>', 'id of a job');
  return addServiceOptions(command).action(async (id: string, options: ServiceOptions) => {
    const job = await (await connect(options)).cancelJob(id);
    printResult(terminal, { json: options.json, document: job, lines: jobLines(job) });
  });
}
