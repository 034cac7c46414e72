import type { Report } from '#core/cost/report/build-report.ts';
import { sharesOf } from './shares-of-bill.ts';
import {
  showCount,
  showPrice,
  showQuantity,
  showSeconds,
  showSum,
  showUsd,
} from './show-numbers.ts';
import { workloadSentence } from './workload-sentence.ts';

/** The report as Markdown, short enough for a pull request. */
export function renderMarkdown(report: Report): string {
  const { headline, region, generatedAt, workload } = report;
  const { plan } = headline;
  return [
    `# This workload costs ${showUsd(plan.usd)} a month`,
    '',
    `${workloadSentence(workload)} ${region}, ${generatedAt.slice(0, 10)}, list prices, estimate before tax. ${plan.name}: ${showUsd(headline.usdPerMillionItems)} per million items, ${showUsd(headline.afterAllowancesUsd)} a month after AWS's free allowances, ${showUsd(headline.withHttpApiUsd)} with an HTTP API instead of the REST API.`,
    ...section('Every way to run it', alternatives(report)),
    ...section('Where a dollar goes', shares(report)),
    ...section('Break-even with always-on machines', breakEvens(report)),
    ...section('When a job belongs on a GPU', crossings(report)),
    ...section('$2,200 against $150', seed(report)),
    ...section('Costs that nobody ordered', hidden(report)),
    ...section('The bill, line by line', bill(report)),
    ...section('What moves the bill (±30 %)', sensitivity(report)),
    ...section('Regret', regret(report)),
    ...section('Estimate and bill', actual(report)),
    ...section('Prices', prices(report)),
    '',
  ].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `## ${title}`, '', ...lines];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, at) => (at === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)];
}

function alternatives({ alternatives: ways, headline }: Report): readonly string[] {
  return table(
    ['', 'a month', 'fixed', 'by use', 'answer', 'cold', 'one bulk job'],
    ways.map((way) => [
      way.id === headline.plan.id ? `**${way.name}** ◀` : way.name,
      showSum(way),
      showUsd(way.fixedUsd),
      showUsd(way.usd - way.fixedUsd),
      way.isOnline ? showSeconds(way.answerMillis / 1_000) : 'bulk only',
      way.coldMillis === undefined ? 'none' : showSeconds(way.coldMillis / 1_000),
      way.jobSeconds === undefined ? '–' : showSeconds(way.jobSeconds),
    ]),
  );
}

function shares(report: Report): readonly string[] {
  const rows = sharesOf(report).map(({ name, usd }) => [name, showUsd(usd)]);
  return table(['', report.ledger === undefined ? 'a month' : 'in the ledger'], rows);
}

function breakEvens(report: Report): readonly string[] {
  return table(
    ['instead of Lambda', 'a month', 'pays from, requests a month'],
    report.breakEvens.map(({ name, note, usdPerMonth, requests }) => [
      note === '' ? name : `${name} (${note})`,
      showUsd(usdPerMonth),
      requests === undefined ? 'unknown' : showCount(requests),
    ]),
  );
}

function crossings(report: Report): readonly string[] {
  return table(
    ['one GPU instead of a Lambda fleet', 'from, items', 'start 30 % shorter', '30 % longer'],
    report.jobCurves.crossings.map(({ name, x, low, high }) => [
      name,
      showCount(x),
      showCount(low),
      showCount(high),
    ]),
  );
}

function seed({ seed: answer }: Report): readonly string[] {
  const rows = answer.readings.map((each) => [each.label, each.arithmetic, each.verdict]);
  return [
    `Always on is exact: 730 h × p3.2xlarge = ${showUsd(answer.alwaysOnUsd)}. About $150 needs one of these:`,
    '',
    ...table(['reading', 'arithmetic', 'is it so?'], rows),
  ];
}

function hidden(report: Report): readonly string[] {
  return table(
    ['', 'a month', 'deployed'],
    report.hidden.map((cost) => [cost.label, showUsd(cost.usd), cost.deployed ? 'yes' : '']),
  );
}

function bill({ headline }: Report): readonly string[] {
  return table(
    ['line', 'quantity', 'list price', 'a month'],
    headline.plan.lines.map((line) => [
      line.label,
      `${showQuantity(line.quantity)} ${line.unit}`,
      line.isUnpriced ? 'unknown' : showPrice(line.usdPerUnit),
      line.isUnpriced ? '?' : showUsd(line.usd),
    ]),
  );
}

function sensitivity(report: Report): readonly string[] {
  return table(
    ['', 'lower', 'higher'],
    report.sensitivities.map((each) => [each.input, showUsd(each.lowUsd), showUsd(each.highUsd)]),
  );
}

function regret({ regret: found }: Report): readonly string[] {
  if (found === undefined) return [];
  const { paidUsd, bestUsd, ratio, basis } = found;
  return [
    `${basis}: ${showUsd(paidUsd)} paid, ${showUsd(bestUsd)} at best in hindsight, ${ratio.toFixed(2)} times the optimum.`,
  ];
}

function actual({ actual: found }: Report): readonly string[] {
  if (found === undefined) return [];
  return [
    `Estimated ${showUsd(found.estimateUsd)}, billed ${showUsd(found.actualUsd)}; gap ${showUsd(found.gapUsd)}, of which ${showUsd(found.unexplainedUsd)} unexplained.`,
    '',
    ...table(
      ['item', 'estimate', 'bill', 'gap'],
      found.items.map((item) => [
        item.isShared ? `${item.item} (shared)` : item.item,
        showUsd(item.estimateUsd),
        showUsd(item.actualUsd),
        showUsd(item.gapUsd),
      ]),
    ),
  ];
}

function prices({ prices: all, unknownPrices }: Report): readonly string[] {
  const stale = all.filter(({ isStale }) => isStale).length;
  return [
    `${all.length} prices, ${stale} of them older than the limit. \`report.json\` has every source and day.`,
    ...unknownPrices.map(({ reason }) => `- ${reason}`),
  ];
}
