import type { Alternative } from '#core/cost/report/alternative.ts';
import type { Report } from '#core/cost/report/build-report.ts';
import { html, type Markup, table } from '#core/markup.ts';
import {
  showPrice,
  showQuantity,
  showSeconds,
  showSum,
  showUsd,
} from '#work/report/show-numbers.ts';

/** The alternatives as figures, with how long a caller and a job wait. */
export function alternativesSection(report: Report): Markup {
  const { alternatives, headline } = report;
  const marked = alternatives.findIndex(({ id }) => id === headline.plan.id);
  return html`<section><h2>Cost and time of each</h2>
<p class="quiet">“Fixed” is paid in an idle month too. Times are assumptions until measured in the account; see the end.</p>
${table(
  ['Alternative', 'A month', 'Fixed', 'By use', 'An answer', 'After a cold start', 'One bulk job'],
  alternatives.map((each) => [
    html`${each.name}<br><span class="quiet">${each.note}</span>`,
    showSum(each),
    showUsd(each.fixedUsd),
    showUsd(each.usd - each.fixedUsd),
    ...timesOf(each),
  ]),
  { numbersFrom: 1, marked },
)}</section>`;
}

function timesOf(each: Alternative): readonly string[] {
  const job = each.jobSeconds === undefined ? '–' : showSeconds(each.jobSeconds);
  const cold = each.coldMillis === undefined ? 'none' : showSeconds(each.coldMillis / 1_000);
  return [each.isOnline ? showSeconds(each.answerMillis / 1_000) : 'bulk only', cold, job];
}

/** The bill of the plan, line by line: every multiplication can be checked. */
export function billSection(report: Report): Markup {
  const { plan, withHttpApiUsd } = report.headline;
  const rows = plan.lines.map((line) => [
    html`${line.label} <span class="quiet">${line.part}</span>`,
    `${showQuantity(line.quantity)} ${line.unit}`,
    line.isUnpriced ? 'unknown' : showPrice(line.usdPerUnit),
    line.isUnpriced ? '?' : showUsd(line.usd),
  ]);
  return html`<section><h2>The bill, line by line</h2>
<p>${plan.name}, behind the REST API with its authorizer and logs, as deployed. With an HTTP API instead the month would cost ${showUsd(withHttpApiUsd)}, without usage plans and request validation at the edge. Not in the sum: the delivery of the log to S3 by Firehose, whose price no source gave (under a gigabyte per million requests).</p>
${table(['Line', 'Quantity', 'List price', 'A month'], [...rows, [html`<b>Total</b>`, '', '', html`<b>${showUsd(plan.usd)}</b>`]])}</section>`;
}

/** Costs that come without a request. */
export function hiddenSection(report: Report): Markup {
  const nat = report.hidden.find(({ label }) => label.startsWith('2 NAT'))?.usd ?? 0;
  return html`<section><h2>Costs that nobody ordered</h2>
<p>Two NAT gateways, which a CDK network has by default, cost ${showUsd(nat)} a month before the first byte: more than the compute of ten million bulk items. Switchyard has none of the lines without a mark.</p>
${table(
  ['What', 'A month', 'Deployed'],
  report.hidden.map((cost) => [cost.label, showUsd(cost.usd), cost.deployed ? 'yes' : '']),
)}</section>`;
}
