import type { Report } from '#core/cost/report/build-report.ts';
import type { Crossing } from '#core/cost/report/curves.ts';
import { html, Markup, table } from '#core/markup.ts';
import { showCount, showUsd } from '#work/report/show-numbers.ts';

/** When a machine that is always on pays. */
export function requestCurvesSection(report: Report, chart: string): Markup {
  const first = report.requestCurves.crossings[0];
  const sentence =
    first === undefined
      ? 'No machine of the list becomes cheaper.'
      : `The first to become cheaper is ${first.name}, from ${showCount(first.x)} requests a month on.`;
  return html`<section><h2>When does an always-on machine pay?</h2>
<p>Compute of a month against requests of a month; the API in front is the same for all and left out. ${sentence} The pale band is Lambda with calls 30 % shorter or longer. A line rises where one machine is full.</p>
<div class="chart">${new Markup(chart)}</div>
${table(
  ['Instead of Lambda', 'A month', 'Pays from, requests a month', 'A second'],
  report.breakEvens.map((each) => [
    html`${each.name} <span class="quiet">${each.note}</span>`,
    showUsd(each.usdPerMonth),
    each.requests === undefined ? 'unknown' : showCount(each.requests),
    each.perSecond === undefined ? '' : each.perSecond.toFixed(1),
  ]),
)}</section>`;
}

/** When one job should go to a GPU. */
export function jobCurvesSection(report: Report, chart: string): Markup {
  return html`<section><h2>When does a job belong on a GPU?</h2>
<p>One job of 128 tokens an item. A GPU instance is paid for while it boots, so small jobs belong on Lambdas. The fleet is sooner at any size: money asks for the GPU, a near deadline for the fleet.</p>
<div class="chart">${new Markup(chart)}</div>
${crossingsTable(report.jobCurves.crossings)}</section>`;
}

function crossingsTable(crossings: readonly Crossing[]): Markup {
  return table(
    ['A GPU is cheaper', 'From, items', 'With a start 30 % shorter', '30 % longer'],
    crossings.map(({ name, x, low, high }) => [
      name,
      showCount(x),
      showCount(low),
      showCount(high),
    ]),
  );
}

/** What moves the bill. */
export function sensitivitySection(report: Report, chart: string): Markup {
  if (report.sensitivities.length === 0) {
    return html`<section><h2>What moves the bill?</h2>
<p>Nothing that can vary: the month has neither requests nor bulk items.</p></section>`;
  }
  return html`<section><h2>What moves the bill?</h2>
<p>The month's sum when one input is 30 % lower or higher and the rest stays. The blue mark is ${showUsd(report.headline.plan.usd)}.</p>
<div class="chart">${new Markup(chart)}</div></section>`;
}
