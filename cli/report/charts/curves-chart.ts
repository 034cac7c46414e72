import type { TopLevelSpec } from 'vega-lite';
import type { CurveChart } from '#core/cost/report/curves.ts';
import { showCount } from '#work/report/show-numbers.ts';
import { chartLook, colourOf, colours, fixedRoom } from './chart-look.ts';
import { placeLabels } from './place-labels.ts';

const WIDTH_PX = 640;
const HEIGHT_PX = 380;

export interface CurvesChartOptions {
  readonly xTitle: string;
  readonly low: number;
  readonly high: number;
}

/** Price against volume, both logarithmic: lines named at their ends, crossings marked and named. */
export function curvesChart(chart: CurveChart, options: CurvesChartOptions): TopLevelSpec {
  const { low, high } = options;
  const ids = chart.curves.map(({ id }) => id);
  const scale = { domain: ids, range: ids.map((id) => colourOf[id] ?? colours.ink) };
  const colour = { field: 'id', type: 'nominal', scale, legend: null } as const;
  const points = chart.curves.flatMap(({ id, points: all }) =>
    all.map(({ x, usd }) => ({ id, x, usd })),
  );
  const xs = chart.curves[0]?.points.map(({ x }) => x) ?? [];
  const xDomain: number[] = [xs[0] ?? 1, xs.at(-1) ?? 10];
  const yDomain: number[] = [low, high];
  const x = {
    field: 'x',
    type: 'quantitative',
    scale: { type: 'log', domain: xDomain, nice: false },
    axis: { labelExpr: countLabels, values: decades(xDomain), title: options.xTitle },
  } as const;
  const y = {
    field: 'usd',
    type: 'quantitative',
    scale: { type: 'log', domain: yDomain, nice: false },
    axis: {
      labelExpr: "'$' + format(datum.value, ',~r')",
      values: decades(yDomain),
    },
  } as const;
  const band = [...(chart.curves[0]?.band ?? [])];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: WIDTH_PX,
    height: HEIGHT_PX,
    config: chartLook,
    ...fixedRoom({ left: 84, right: 190, bottom: 56 }),
    layer: [
      {
        data: { values: band },
        mark: { type: 'area', opacity: 0.14, color: colours.plan, clip: true },
        encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } },
      },
      {
        data: { values: points },
        mark: { type: 'line', strokeWidth: 2.25, clip: true },
        encoding: { x, y, color: colour },
      },
      {
        data: { values: endLabels(chart, options) },
        mark: { type: 'text', align: 'left', dx: 10, fontSize: 12.5, fontWeight: 600 },
        encoding: {
          x: { value: WIDTH_PX },
          y: { ...y, field: 'at' },
          text: { field: 'name' },
          color: colour,
        },
      },
      {
        data: { values: chart.crossings.map((each) => ({ ...each, label: showCount(each.x) })) },
        layer: [
          {
            mark: {
              type: 'point',
              filled: true,
              size: 70,
              stroke: 'white',
              strokeWidth: 2,
              opacity: 1,
            },
            encoding: { x, y, color: colour },
          },
          {
            mark: { type: 'text', align: 'right', dx: -9, dy: -11, fontSize: 13, fontWeight: 700 },
            encoding: { x, y, text: { field: 'label' }, color: colour },
          },
        ],
      },
    ],
  };
}

/** Powers of ten of a range: one hair line each. */
function decades([low = 1, high = 10]: readonly number[]): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
}

const countLabels =
  "datum.value >= 1e9 ? format(datum.value / 1e9, ',~r') + ' B' : " +
  "datum.value >= 1e6 ? format(datum.value / 1e6, ',~r') + ' M' : format(datum.value, ',~r')";

function endLabels(chart: CurveChart, { low, high }: CurvesChartOptions) {
  const ends = chart.curves.map(({ id, name, points }) => {
    const usd = points.findLast((point) => point.usd >= low && point.usd <= high)?.usd ?? high;
    return { id, name, usd };
  });
  return placeLabels(ends, { low, high, heightPx: HEIGHT_PX });
}
