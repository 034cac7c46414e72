import type { Command } from 'commander';
import { addServiceOptions, connect, type ServiceOptions } from '../common-options.ts';
import { jobLines } from '../terminal/format-job.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

export function defineResume(program: Command, terminal: Terminal): Command {
  const command = program
    .command('resume')
    .description('Go on with a cancelled or failed job; only what is missing is done')
    .argument('<id>', 'id of a job');
  return addServiceOptions(command).action(async (id: string, options: ServiceOptions) => {
    const job = await (await connect(options)).resumeJob(id);
    printResult(terminal, { json: options.json, document: job, lines: jobLines(job) });
  });
}
