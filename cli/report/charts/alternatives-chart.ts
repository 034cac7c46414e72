import type { TopLevelSpec } from 'vega-lite';
import type { Report } from '#core/cost/report/build-report.ts';
import { showSum } from '#work/report/show-numbers.ts';
import { chartLook, colours, fixedRoom, rowNames } from './chart-look.ts';

const ROW_PX = 25;

/** Every way to run the workload, on one logarithmic axis of dollars. */
export function alternativesChart(report: Report): TopLevelSpec {
  const { alternatives, headline } = report;
  const low = 10 ** Math.floor(Math.log10(Math.min(...alternatives.map(({ usd }) => usd)) / 1.5));
  const values = alternatives.map(({ id, name, usd, isOnline, isLowerBound }) => ({
    name: isOnline ? name : `${name} (bulk only)`,
    low,
    usd,
    label: showSum({ usd, isLowerBound }),
    role: id === headline.plan.id ? 'plan' : 'other',
  }));
  const high = Math.max(...values.map(({ usd }) => usd)) * 2.4;
  const isPlan = "datum.role === 'plan'";
  const colour = { condition: { test: isPlan, value: colours.plan }, value: '#9aa3b5' };
  const y = { field: 'name', type: 'nominal', sort: null, axis: rowNames } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 590,
    height: values.length * ROW_PX,
    config: chartLook,
    ...fixedRoom({ left: 280, right: 20, bottom: 52 }),
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 12, cornerRadiusEnd: 3 },
        encoding: {
          y,
          x: { field: 'low', type: 'quantitative', scale: logScale(low, high), axis: usdAxis },
          x2: { field: 'usd' },
          color: colour,
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 7, fontSize: 13, fontWeight: 600 },
        encoding: {
          y,
          x: { field: 'usd', type: 'quantitative' },
          text: { field: 'label' },
          color: { condition: { test: isPlan, value: colours.plan }, value: colours.ink },
        },
      },
    ],
  };
}

const decades: number[] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];

const usdAxis = {
  labelExpr: "'$' + format(datum.value, ',')",
  values: decades,
  title: 'dollars a month, logarithmic',
};

function logScale(low: number, high: number) {
  const domain: number[] = [low, high];
  return { type: 'log', domain, nice: false } as const;
}
