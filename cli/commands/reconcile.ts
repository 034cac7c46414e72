import type { Command } from 'commander';
import { addServiceOptions, connect, type ServiceOptions } from '../common-options.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

export function defineReconcile(program: Command, terminal: Terminal): Command {
  const command = program
    .command('reconcile')
    .description(
      'Have a local server look at every job now; it does so by itself every few seconds, and in AWS a schedule does',
    );
  return addServiceOptions(command).action(async (options: ServiceOptions) => {
    const { json } = options;
    const round = await (await connect(options)).reconcile();
    const lines = [
      `${round.active} active jobs looked at: ${round.ended} ended, ${round.submitted} got workers`,
      ...(round.troubled === 0 ? [] : [`${round.troubled} could not be looked at; see the log`]),
    ];
    printResult(terminal, { json, document: round, lines });
  });
}
