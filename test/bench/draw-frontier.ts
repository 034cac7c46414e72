import type { TopLevelSpec } from 'vega-lite';
import { chartLook, colours, fixedRoom } from '../../cli/report/charts/chart-look.ts';
import { renderChart } from '../../cli/report/charts/render-chart.ts';
import type { FrontierPoint } from './escalation-frontier.ts';

interface DrawnCascade {
  readonly title: string;
  readonly points: readonly FrontierPoint[];
}

/** A page of its own with one chart per cascade: accuracy against what the models' time costs. */
export async function drawFrontiers(
  cascades: readonly DrawnCascade[],
  about: string,
): Promise<string> {
  const charts: string[] = [];
  for (const { title, points } of cascades) {
    const svg = await renderChart(frontierChart(points), `Accuracy against dollars: ${title}`);
    charts.push(`<h2>${title}</h2>\n${svg}`);
  }
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Escalation: accuracy against dollars</title>
<body style="font-family: Inter, sans-serif; max-width: 760px; margin: 40px auto; color: ${colours.ink}">
<h1>Escalation: accuracy against dollars</h1>
<p>${about}</p>
${charts.join('\n')}
</body></html>
`;
}

function frontierChart(points: readonly FrontierPoint[]): TopLevelSpec {
  const values = points.map(({ way, threshold, accuracy, modelUsdPer1000 }) => ({
    accuracy: 100 * accuracy,
    usd: modelUsdPer1000 * 1_000,
    label: threshold === undefined ? `${way} alone` : `< ${threshold}`,
    alone: threshold === undefined,
  }));
  const x = {
    field: 'usd',
    type: 'quantitative',
    scale: { zero: false },
    axis: { title: "dollars of the models' time per million requests", format: '.3f' },
  } as const;
  const y = {
    field: 'accuracy',
    type: 'quantitative',
    scale: { zero: false },
    axis: { title: 'right, %' },
  } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 560,
    height: 300,
    config: chartLook,
    ...fixedRoom({ left: 70, right: 130, bottom: 60 }),
    data: { values },
    layer: [
      { mark: { type: 'line', color: colours.faint }, encoding: { x, y, order: { field: 'usd' } } },
      {
        mark: { type: 'point', filled: true, size: 60, color: colours.plan },
        encoding: { x, y, opacity: { value: 1 } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 8, dy: -8 },
        encoding: { x, y, text: { field: 'label' } },
      },
    ],
  };
}
