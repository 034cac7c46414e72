import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { addJsonOption } from '../common-options.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

interface ReportOptions {
  readonly out: string;
  readonly region: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly data: string;
  readonly json: boolean;
  readonly ledger: boolean;
  readonly deployment?: string;
  readonly requests?: number;
  readonly bulk?: number;
  readonly jobs?: number;
  readonly callMs?: number;
  readonly coldShare?: number;
  readonly trace?: string;
  readonly traceColumn?: string;
  readonly actual?: string;
  readonly tag?: string;
}

export function defineReport(program: Command, terminal: Terminal): Command {
  const command = program
    .command('report')
    .description('Write what a workload costs on every alternative, as a page and as data')
    .option('--out <folder>', 'where the report goes', 'report')
    .option('--requests <count>', 'requests of a month', amount)
    .option('--bulk <items>', 'bulk items of a month', amount)
    .option('--jobs <count>', 'jobs of a month', amount)
    .option('--ledger', 'take the workload from the ledger of this machine', false)
    .option('--deployment <name>', 'take the workload from the ledger of a deployment in AWS')
    .option('--trace <file>', 'take the arrivals from a CSV file of times and counts')
    .option('--trace-column <name>', 'column of the counts')
    .option('--call-ms <millis>', 'time of one request on one vCPU', amount)
    .option('--cold-share <share>', 'share of requests that meet a cold start', amount)
    .option('--actual <file>', 'a Cost and Usage Report (CUR 2.0, CSV) to lay beside the estimate')
    .option('--tag <key=value>', 'tag of the rows of the bill that are this deployment')
    .addOption(
      new Option('--region <name>', 'whose prices')
        .env('SWITCHYARD_PRICE_REGION')
        .default('us-east-1'),
    )
    .addOption(
      new Option('--architecture <name>', 'of the Lambdas')
        .choices(['x86_64', 'arm64'])
        .default('x86_64'),
    )
    .addOption(
      new Option('--data <folder>', 'where everything is kept')
        .env('SWITCHYARD_DATA')
        .default('.switchyard'),
    );
  return addJsonOption(command).action(async (options: ReportOptions) => {
    // Imported late: the charts are large, and no other command needs them.
    const { makeReport } = await import('../report/report-source.ts');
    const { reportFiles, writeReport } = await import('../report/write-report.ts');
    const { summaryLines } = await import('../report/summary-lines.ts');
    const { callMs, requests, bulk, jobs, coldShare, trace, traceColumn, actual, tag, deployment } =
      options;
    const report = await makeReport({
      ...options,
      requests,
      bulk,
      jobs,
      coldShare,
      trace,
      traceColumn,
      actual,
      tag,
      deployment,
      callMillis: callMs,
      now: new Date(),
    });
    await writeReport(report, options.out);
    const files = reportFiles.map((name) => join(options.out, name));
    const { plan } = report.headline;
    printResult(terminal, {
      json: options.json,
      document: { plan: plan.id, usd: plan.usd, workload: report.workload, files },
      lines: [...summaryLines(report), '', ...files],
    });
  });
}

/** Parses a number that may have a fraction, such as 1e6 or 0.005. */
function amount(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number from 0.');
}
