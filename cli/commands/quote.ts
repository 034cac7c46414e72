import { type Command, Option } from 'commander';
import {
  addServiceOptions,
  connect,
  parseDeadline,
  type ServiceOptions,
} from '../common-options.ts';
import type { QuotesAnswer } from '../service/service-answers.ts';
import { durationText } from '../terminal/format-job.ts';
import { printNote, printResult, type Terminal } from '../terminal/terminal.ts';
import { textTable } from '../terminal/text-table.ts';

interface QuoteOptions extends ServiceOptions {
  readonly deadline: readonly number[];
  /** @default - the service's default model */
  readonly model?: string;
  /** @default - whatever is cheapest */
  readonly lane?: string;
}

const usualDeadlines = '5m,1h,24h';

export function defineQuote(program: Command, terminal: Terminal): Command {
  const command = program
    .command('quote')
    .description('Say what a job of a file would take and cost, by deadline; nothing is run')
    .argument('<file>', 'a file that "submit" would take')
    .addOption(
      new Option('--deadline <times>', 'separated by commas')
        .argParser(parseDeadlines)
        .default(parseDeadlines(usualDeadlines), usualDeadlines),
    )
    .option('--model <name>', 'model to use')
    .option('--lane <lane>', 'this lane only');
  return addServiceOptions(command).action(async (file: string, options: QuoteOptions) => {
    const { measureFile } = await import('../files/measure-file.ts');
    const { items, bytes } = await measureFile(file);
    const { model, lane, json } = options;
    const client = await connect(options);
    const answer = await client.quotes({
      items: Math.max(1, items),
      bytes: Math.ceil(bytes),
      deadlinesMs: options.deadline,
      ...(model === undefined ? {} : { model }),
      ...(lane === undefined ? {} : { lane }),
    });
    printResult(terminal, { json, document: answer, lines: quoteLines(answer) });
    if (json) return;
    const { rehearsal, assumptions } = answer;
    if (rehearsal !== undefined) printNote(terminal, rehearsal);
    for (const note of budgetNotes(answer)) printNote(terminal, note);
    for (const assumption of assumptions) printNote(terminal, `assumed: ${assumption}`);
  });
}

/** What a budget that is used up does to some of the quotes; each effect once. */
function budgetNotes({ quotes }: QuotesAnswer): readonly string[] {
  const notes = quotes.flatMap(({ budget }) =>
    budget === undefined || budget.effect === 'none'
      ? []
      : [`over budget, so it would be ${budget.effect}; the budget resets at ${budget.resets_at}`],
  );
  return [...new Set(notes)];
}

const headings = ['DEADLINE', 'ON TIME', 'LANE', 'WORKERS', 'DONE WITHIN', 'CHANCE', 'USD'];

function quoteLines({ items, tokens, tokensError, quotes }: QuotesAnswer): readonly string[] {
  const error = Math.round(tokensError * 100);
  const about = `${count(items)} rows, about ${count(tokens)} tokens (a file is off by ${error} % at most)`;
  const rows = quotes.map(({ deadlineMs, onTime, reason, plan }) => {
    const deadline = durationText(deadlineMs / 1_000);
    if (plan === null) return [deadline, 'no', reason, '', '', '', ''];
    return [
      deadline,
      onTime ? 'yes' : 'no',
      plan.lanes.join(' + '),
      String(plan.workers),
      durationText(plan.finishSeconds),
      `${(plan.chance * 100).toFixed(0)} %`,
      plan.usd.toFixed(6),
    ];
  });
  return [about, '', ...textTable(headings, rows)];
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function parseDeadlines(text: string): readonly number[] {
  return text.split(',').map(parseDeadline);
}
