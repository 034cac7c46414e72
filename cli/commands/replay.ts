import type { Command } from 'commander';
import type { PolicyRow } from '#core/routing/replay/replay-workload.ts';
import { utcDay } from '#core/utc-day.ts';
import { addJsonOption, wholeNumber } from '../common-options.ts';
import type { ReplaySettings } from '../replay-workload.ts';
import { printNote, printResult, type Terminal } from '../terminal/terminal.ts';
import { textTable } from '../terminal/text-table.ts';

interface ReplayOptions extends Omit<ReplaySettings, 'trace'> {
  readonly policy: string;
  readonly json: boolean;
}

const everyPolicy = 'router,router-uniform,always-cpu,always-gpu,threshold';

export function defineReplay(program: Command, terminal: Terminal): Command {
  const command = program
    .command('replay')
    .description('Replay a trace of requests, and jobs on spot zones, by several routing policies')
    .argument('<trace>', 'CSV with t_s (seconds), or timestamp and a column of counts')
    .option('--policy <names>', 'policies to compare, separated by commas', everyPolicy)
    .option('--column <name>', 'column of the counts')
    .option('--spot <file>', 'CSV of recorded spot availability; made-up zones without it')
    .option(
      '--jobs <count>',
      'jobs of each size and deadline',
      wholeNumber({ least: 0, most: 1_000 }),
      2,
    )
    .option('--tokens <count>', 'tokens of an item', wholeNumber({ least: 1, most: 512 }), 128)
    .option(
      '--deadline-ms <millis>',
      'deadline of a request',
      wholeNumber({ least: 1, most: 600_000 }),
      5_000,
    )
    .option('--seed <number>', 'seed of all draws', wholeNumber({ least: 0, most: 999_999_999 }), 1)
    .option('--model <name>', 'model whose measured curve is used', 'sst2-minilm')
    .option('--region <name>', 'region of the prices', 'us-east-1')
    .option('--instance <type>', 'GPU instance', 'g4dn.xlarge')
    .option('--fleet <width>', 'widest fleet', wholeNumber({ least: 1, most: 10_000 }), 500)
    .option(
      '--setup <seconds>',
      'set-up of an instance',
      wholeNumber({ least: 1, most: 3_600 }),
      390,
    );
  return addJsonOption(command).action(async (trace: string, options: ReplayOptions) => {
    const { openWorkload } = await import('../replay-workload.ts');
    const { policiesNamed } = await import('#core/routing/replay/replay-policies.ts');
    const { replayWorkload } = await import('#core/routing/replay/replay-workload.ts');
    const policies = policiesNamed(options.policy.split(',').map((name) => name.trim()));
    const today = utcDay(Date.now());
    const workload = await openWorkload({ ...options, trace }, today);
    const rows = replayWorkload(workload, policies);
    const { assumptions } = workload.state;
    const document = { seed: options.seed, policies: rows, assumptions };
    printResult(terminal, { json: options.json, document, lines: replayLines(rows) });
    if (options.json) return;
    const [{ jobs } = { jobs: undefined }] = rows;
    if (jobs !== undefined && jobs.jobs > jobs.feasible) {
      const late = jobs.jobs - jobs.feasible;
      printNote(terminal, `${late} of ${jobs.jobs} jobs have a deadline that nothing can meet.`);
    }
    printNote(
      terminal,
      'REGRET is USD above the optimum, which runs each job in one lane: a plan that mixes lanes can ' +
        'cost less, and is then below 0.',
    );
    for (const assumption of assumptions) printNote(terminal, `assumed: ${assumption}`);
  });
}

const headings = [
  'POLICY',
  'USD',
  'REGRET',
  'MISSED',
  'ON TIME',
  'P50 MS',
  'P95 MS',
  'P99 MS',
  'COLD',
  'JOBS/OPTIMUM',
  'MEDIAN',
  'P95',
];

function replayLines(rows: readonly PolicyRow[]): readonly string[] {
  return textTable(
    headings,
    rows.map(({ policy, usd, regretUsd, missed, attainment, requests, jobs }) => [
      policy,
      usd.toFixed(4),
      regretUsd.toFixed(4),
      String(missed),
      `${(attainment * 100).toFixed(2)} %`,
      ...[requests.p50Seconds, requests.p95Seconds, requests.p99Seconds].map((seconds) =>
        (seconds * 1_000).toFixed(1),
      ),
      String(requests.coldStarts),
      ...[jobs.total, jobs.median, jobs.p95].map((ratio) =>
        Number.isFinite(ratio) ? ratio.toFixed(3) : '-',
      ),
    ]),
  );
}
