import type { Report } from '#core/cost/report/build-report.ts';
import { showSum, showUsd } from '#work/report/show-numbers.ts';
import { workloadSentence } from '#work/report/workload-sentence.ts';
import { unknownPricesNote } from './unknown-prices-note.ts';

/** The report in a few lines for a terminal. */
export function summaryLines(report: Report): readonly string[] {
  const { headline, alternatives, actual, unknownPrices } = report;
  const width = Math.max(...alternatives.map(({ name }) => name.length));
  return [
    `${showSum(headline.plan)} a month: ${headline.plan.name}, ${report.region}`,
    workloadSentence(report.workload),
    '',
    ...alternatives.map(({ id, name, usd, isOnline, isLowerBound }) => {
      const mark = id === headline.plan.id ? '▶' : ' ';
      const note = isOnline ? '' : '  bulk only';
      return `${mark} ${name.padEnd(width)}  ${showSum({ usd, isLowerBound }).padStart(11)}${note}`;
    }),
    ...(actual === undefined
      ? []
      : [
          '',
          `Bill ${showUsd(actual.actualUsd)}, estimate ${showUsd(actual.estimateUsd)}, gap ${showUsd(actual.gapUsd)} (${showUsd(actual.unexplainedUsd)} unexplained)`,
        ]),
    ...(unknownPrices.length === 0 ? [] : ['', unknownPricesNote(report)]),
  ];
}
