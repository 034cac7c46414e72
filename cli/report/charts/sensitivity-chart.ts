import type { TopLevelSpec } from 'vega-lite';
import type { Report } from '#core/cost/report/build-report.ts';
import { showUsd } from '#work/report/show-numbers.ts';
import { chartLook, colours, fixedRoom, rowNames } from './chart-look.ts';

/** What 30 % more or less of each input does to the bill. */
export function sensitivityChart(report: Report): TopLevelSpec {
  const base = report.headline.plan.usd;
  const values = report.sensitivities.map(({ input, lowUsd, highUsd }) => ({
    input,
    lowUsd,
    highUsd,
    base,
    low: showUsd(lowUsd),
    high: showUsd(highUsd),
  }));
  const least = Math.min(base, ...values.map(({ lowUsd }) => lowUsd));
  const most = Math.max(base, ...values.map(({ highUsd }) => highUsd));
  const margin = (most - least) * 0.18;
  const scale = { domain: [least - margin, most + margin], nice: false, zero: false };
  const y = {
    field: 'input',
    type: 'nominal',
    sort: null,
    axis: rowNames,
  } as const;
  const x = (field: string) =>
    ({ field, type: 'quantitative', scale, axis: { format: '$,.2f', tickCount: 5 } }) as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 640,
    height: values.length * 28,
    config: chartLook,
    ...fixedRoom({ left: 190, right: 60, bottom: 34 }),
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 12, color: '#b9c1f0', cornerRadius: 2 },
        encoding: { y, x: x('lowUsd'), x2: { field: 'highUsd' } },
      },
      {
        mark: { type: 'tick', thickness: 2, size: 18, color: colours.plan },
        encoding: { y, x: x('base') },
      },
      {
        mark: { type: 'text', align: 'right', dx: -7 },
        encoding: { y, x: x('lowUsd'), text: { field: 'low' }, color: { value: colours.quiet } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 7 },
        encoding: { y, x: x('highUsd'), text: { field: 'high' }, color: { value: colours.quiet } },
      },
    ],
  };
}
