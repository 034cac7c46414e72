import type { Command } from 'commander';
import { addServiceOptions, connect, type ServiceOptions, wholeNumber } from '../common-options.ts';
import { jobLines, jobTable } from '../terminal/format-job.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

interface StatusOptions extends ServiceOptions {
  readonly limit: number;
}

export function defineStatus(program: Command, terminal: Terminal): Command {
  const command = program
    .command('status')
    .description('Show one job, or the latest jobs')
    .argument('[id]', 'id of a job')
    .option('--limit <count>', 'how many jobs to list', wholeNumber({ least: 1, most: 100 }), 20);
  return addServiceOptions(command).action(
    async (id: string | undefined, options: StatusOptions) => {
      const client = await connect(options);
      const { json } = options;
      if (id === undefined) {
        const list = await client.listJobs(options.limit);
        printResult(terminal, { json, document: list, lines: jobTable(list.jobs) });
      } else {
        const job = await client.getJob(id);
        printResult(terminal, { json, document: job, lines: jobLines(job) });
      }
    },
  );
}
