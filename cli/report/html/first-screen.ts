import type { Report } from '#core/cost/report/build-report.ts';
import { html, Markup } from '#core/markup.ts';
import { showUsd } from '#work/report/show-numbers.ts';
import { workloadSentence } from '#work/report/workload-sentence.ts';

/** What whoever pays reads first: the sum, what it is made of, what it is compared with. */
export function firstScreen(report: Report, chart: string): Markup {
  const { headline, region, workload } = report;
  const { plan } = headline;
  const day = report.generatedAt.slice(0, 10);
  return html`<p class="kicker">Switchyard cost report · ${region} · ${day} · list prices, estimate before tax</p>
<h1>This workload costs ${plan.isLowerBound ? 'at least ' : ''}<b>${showUsd(plan.usd)}</b> a month.</h1>
<p class="lead">${workloadSentence(workload)} ${comparison(report)}</p>
<div class="cards">
${card(showUsd(headline.usdPerMillionItems), 'per million items')}
${card(showUsd(headline.afterAllowancesUsd), "a month after AWS's free allowances, in an account of its own")}
${card(showUsd(headline.idleAfterAllowancesUsd), `an idle month in such an account; ${showUsd(plan.fixedUsd)} at list price`)}
${rivalCard(report)}
</div>
${lowerBoundNote(report)}
<section><h2>Every way to run it</h2>
<p class="quiet">The same work on ${report.alternatives.length} setups, cheapest first. Blue is what Switchyard runs.</p>
<div class="chart">${new Markup(chart)}</div></section>`;
}

function card(figure: string, words: string): Markup {
  return html`<div class="card"><strong>${figure}</strong><span>${words}</span></div>`;
}

function lowerBoundNote({ unknownPrices, region }: Report): Markup | undefined {
  if (unknownPrices.length === 0) return undefined;
  return html`<p class="warning">${unknownPrices.length} prices of ${region} are not known and count as nothing, so sums marked ≥ are lower bounds. <code>switchyard prices refresh --region ${region}</code> reads them from AWS; the last section lists them.</p>`;
}

function machineOf(name: string): string {
  return name.replace(', always on', '').replace('Always-on ', '');
}

function comparison({ headline }: Report): string {
  const { plan, cheapestOnline, alwaysOn } = headline;
  const best =
    cheapestOnline.id === plan.id
      ? `${plan.name} is the cheapest way that answers while a caller waits`
      : `${cheapestOnline.name} would answer for ${showUsd(cheapestOnline.usd)}`;
  const rival =
    alwaysOn === undefined ? '' : `; an always-on p3.2xlarge would cost ${showUsd(alwaysOn.usd)}`;
  return `${best}${rival}.`;
}

/** The cheapest machine that is always on is the honest comparison, not the dearest. */
function rivalCard({ headline, alternatives }: Report): Markup {
  const rival = alternatives.find(({ family }) => family === 'always on');
  if (rival === undefined) return card('–', 'no machine that is always on has a price here');
  const times = rival.usd / headline.plan.usd;
  const words =
    times >= 1
      ? `less than the cheapest always-on machine, ${machineOf(rival.name)} at ${showUsd(rival.usd)}`
      : `of the price of this plan would do: ${machineOf(rival.name)} at ${showUsd(rival.usd)}`;
  return card(times >= 1 ? `${times.toFixed(1)}×` : `${Math.round(times * 100)} %`, words);
}
