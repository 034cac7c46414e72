import type { Report } from '#core/cost/report/build-report.ts';
import { workloadSentence } from './html/first-screen.ts';
import { showUsd } from './show-numbers.ts';

/** The report in a few lines for a terminal. */
export function summaryLines(report: Report): readonly string[] {
  const { headline, alternatives, actual, unknownPrices } = report;
  const width = Math.max(...alternatives.map(({ name }) => name.length));
  return [
    `${showUsd(headline.plan.usd)} a month: ${headline.plan.name}, ${report.region}`,
    workloadSentence(report.workload),
    '',
    ...alternatives.map(({ id, name, usd, isOnline }) => {
      const mark = id === headline.plan.id ? '▶' : ' ';
      const note = isOnline ? '' : '  bulk only';
      return `${mark} ${name.padEnd(width)}  ${showUsd(usd).padStart(9)}${note}`;
    }),
    ...(actual === undefined
      ? []
      : [
          '',
          `Bill ${showUsd(actual.actualUsd)}, estimate ${showUsd(actual.estimateUsd)}, gap ${showUsd(actual.gapUsd)} (${showUsd(actual.unexplainedUsd)} unexplained)`,
        ]),
    ...unknownPrices.map(({ reason }) => `Not priced: ${reason}`),
  ];
}
