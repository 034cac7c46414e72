import type { Report } from '#core/cost/report/build-report.ts';
import { html, Markup } from '#core/markup.ts';
import { sharesOf } from '#work/report/shares-of-bill.ts';
import { alternativesChart } from '../charts/alternatives-chart.ts';
import { curvesChart } from '../charts/curves-chart.ts';
import { renderChart } from '../charts/render-chart.ts';
import { sensitivityChart } from '../charts/sensitivity-chart.ts';
import { sharesChart } from '../charts/shares-chart.ts';
import { assumptionsSection, pricesSection } from './basis-sections.ts';
import { jobCurvesSection, requestCurvesSection, sensitivitySection } from './curve-sections.ts';
import { firstScreen } from './first-screen.ts';
import { actualSection, regretSection, whereItGoesSection } from './ledger-sections.ts';
import { pageStyle } from './page-style.ts';
import { alternativesSection, billSection, hiddenSection } from './plan-sections.ts';
import { seedSection } from './seed-section.ts';

/** The report as one page that needs nothing else: no script, no font, no network. */
export async function renderPage(report: Report): Promise<string> {
  const [alternatives, requests, jobs, sensitivity, shares] = await Promise.all([
    renderChart(alternativesChart(report), 'Dollars a month of every alternative'),
    renderChart(
      curvesChart(report.requestCurves, {
        xTitle: 'requests a month',
        low: 1,
        high: 20_000,
      }),
      'Break-even of Lambda and always-on machines over requests a month',
    ),
    renderChart(
      curvesChart(report.jobCurves, {
        xTitle: 'items in the job',
        low: 0.001,
        high: 200,
      }),
      'Price of one job over its items, on a Lambda fleet and on GPU instances',
    ),
    renderChart(sensitivityChart(report), 'The bill when one input is 30 % lower or higher'),
    renderChart(sharesChart(sharesOf(report)), 'Where a dollar goes'),
  ]);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>Switchyard cost report</title><style>${new Markup(pageStyle)}</style></head>
<body><main>
${firstScreen(report, alternatives)}
${alternativesSection(report)}
${requestCurvesSection(report, requests)}
${jobCurvesSection(report, jobs)}
${sensitivitySection(report, sensitivity)}
${seedSection(report)}
${hiddenSection(report)}
${billSection(report)}
${whereItGoesSection(report, shares)}
${regretSection(report)}
${actualSection(report)}
${assumptionsSection(report)}
${pricesSection(report)}
</main></body></html>
`;
  return page.text;
}
