import type { Report } from '#core/cost/report/build-report.ts';
import type { LedgerSummary } from '#core/cost/report/ledger-summary.ts';
import type { Reconciliation } from '#core/cost/report/reconcile-bill.ts';
import type { Regret } from '#core/cost/report/regret.ts';
import { html, Markup, table } from '#core/markup.ts';
import { showCount, showUsd } from '#work/report/show-numbers.ts';

/** What was really used, by kind: the ledger where there is one, otherwise the plan. */
export function whereItGoesSection(report: Report, chart: string): Markup {
  const { ledger } = report;
  if (ledger === undefined) {
    return html`<section><h2>Where a dollar goes</h2>
<p>The plan by what the money buys. “Idle” is GPU time before the first item, “lost” is work repeated after interruptions, “warm” keeps environments ready.</p>
<div class="chart">${new Markup(chart)}</div></section>`;
  }
  const basis = ledger.metered
    ? 'as the platform metered it'
    : 'what AWS would have charged; nothing was metered here';
  return html`<section><h2>Where a dollar went</h2>
<p>${showUsd(Number(ledger.usd))} from ${ledger.from.slice(0, 16).replace('T', ' ')} to ${ledger.to.slice(0, 16).replace('T', ' ')} UTC, ${basis}: ${ledger.requests.toLocaleString('en-US')} requests, ${ledger.attempts} tries of workers on ${ledger.jobs} jobs and ${ledger.warmUps} runs of the warmer.${escalations(ledger)} “Idle” is paid time without a model running, “lost” is work that came to nothing.</p>
<div class="chart">${new Markup(chart)}</div>
${table(
  ['By lane, model and item', 'Dollars'],
  [...ledger.byLane, ...ledger.byModel, ...ledger.byItem].map(({ name, usd }) => [
    name,
    showUsd(Number(usd)),
  ]),
)}
<p class="quiet">The exact sum is $${ledger.usd}, whichever way it is split.</p></section>`;
}

function escalations({ escalations: count, unpriced }: LedgerSummary): string {
  if (count === 0) return '';
  const unknown =
    unpriced.length === 0 ? '' : `, of which no price is known for ${unpriced.join(', ')}`;
  return ` Answers of ${count} requests were asked of another model or service${unknown}.`;
}

/** Against hindsight. */
export function regretSection({ regret }: Report): Markup {
  if (regret === undefined) {
    return html`<section><h2>Regret</h2><p>There is no job to compare with hindsight.</p></section>`;
  }
  return html`<section><h2>Regret</h2>
<p>${sentence(regret)}</p>
${table(
  ['Job', 'Items', 'Paid', 'Best in hindsight', 'How'],
  regret.jobs.map(({ job, items, paidUsd, bestUsd, best }) => [
    job,
    showCount(items),
    showUsd(paidUsd),
    showUsd(bestUsd),
    best,
  ]),
)}</section>`;
}

function sentence({ paidUsd, bestUsd, ratio, basis }: Regret): string {
  const what =
    basis === 'jobs of the ledger' ? 'The dearest jobs of the ledger' : 'Each job of the plan';
  return `${what} cost ${showUsd(paidUsd)}; with the size known beforehand and no deadline the cheapest way would have cost ${showUsd(bestUsd)}: ${ratio.toFixed(2)} times the optimum.`;
}

/** Beside the bill of AWS, where one was given. */
export function actualSection({ actual }: Report): Markup | undefined {
  return actual === undefined ? undefined : reconciled(actual);
}

function reconciled(actual: Reconciliation): Markup {
  return html`<section><h2>Estimate and bill</h2>
<p>${actual.rows.toLocaleString('en-US')} rows of the bill from ${actual.from.slice(0, 10)} to ${actual.to.slice(0, 10)}: estimated ${showUsd(actual.estimateUsd)}, billed ${showUsd(actual.actualUsd)}. The gap is <b>${showUsd(actual.gapUsd)}</b>, of which <b>${showUsd(actual.unexplainedUsd)}</b> is usage that the estimate has no word for. Spot saved ${showUsd(actual.spotSavingUsd)} against on demand; taxes, credits and fees of ${showUsd(actual.otherChargesUsd)} are left out, and so are ${actual.untaggedRows} rows of other tags.</p>
${table(
  ['Item', 'Estimate', 'Bill', 'Gap', ''],
  actual.items.map((item) => [
    item.item,
    showUsd(item.estimateUsd),
    showUsd(item.actualUsd),
    showUsd(item.gapUsd),
    item.isShared ? 'shared by the account, not attributable' : '',
  ]),
)}
${
  actual.unexplained.length === 0
    ? undefined
    : table(
        ['Unexplained usage type', 'Bill'],
        actual.unexplained.map(({ usageType, usd }) => [usageType, showUsd(usd)]),
      )
}</section>`;
}
