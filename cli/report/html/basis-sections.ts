import { assumptionNotes } from '#core/cost/report/assumptions.ts';
import type { Report } from '#core/cost/report/build-report.ts';
import { html, type Markup, table } from '#core/markup.ts';
import { showPrice, showQuantity } from '#work/report/show-numbers.ts';

/** What is assumed, and how firmly. */
export function assumptionsSection(report: Report): Markup {
  const { assumptions } = report;
  const gpus = Object.entries(assumptions.gpus).map(([type, gpu]) => [
    `Items per second on a ${type}`,
    `${gpu.itemsPerSecond} items/s`,
    'assumed',
    `until measured; ${gpu.spotLossesPerHour} interruptions an hour on spot`,
  ]);
  return html`<section><h2>What is assumed</h2>
${table(
  ['Assumption', 'Value', 'Status', 'Why'],
  [
    ...assumptionNotes.map(({ key, label, unit, status, why }) => [
      label,
      `${shownValue(assumptions[key])} ${unit}`,
      isMeasured(report, key) ? 'measured' : status,
      why,
    ]),
    ...gpus,
  ],
  { numbersFrom: 9 },
)}</section>`;
}

/** Times that the ledger gave. */
function isMeasured({ ledger }: Report, key: string): boolean {
  if (key === 'callMillis') return ledger?.meanCallMillis !== undefined;
  return key === 'bulkMillisPerItem' && ledger?.meanBulkMillis !== undefined;
}

function shownValue(value: unknown): string {
  return typeof value === 'number' ? showQuantity(value) : String(value);
}

/** Every price with its source and day. */
export function pricesSection({ prices, region, unknownPrices }: Report): Markup {
  const stale = prices.filter(({ isStale }) => isStale);
  return html`<section><h2>Prices and where they come from</h2>
${staleNote(stale.length, prices.length)}
<details><summary>${prices.length} prices of ${region}</summary>
<div class="small">${table(
    ['Item', 'Price', 'Unit', 'As of', 'Source'],
    prices.map((price) => [
      price.item,
      showPrice(price.usdPerUnit),
      price.unit,
      `${price.asOf}${price.isStale ? ' · old' : ''}`,
      price.source,
    ]),
    { numbersFrom: 9 },
  )}</div></details>
${unknownPrices.length === 0 ? undefined : html`<h3>Not known in ${region}</h3><ul>${unknownPrices.map(({ reason }) => html`<li class="quiet">${reason}</li>`)}</ul>`}</section>`;
}

function staleNote(stale: number, all: number): Markup {
  if (stale === 0) return html`<p>Every price is younger than the limit.</p>`;
  return html`<p class="warning">${stale} of ${all} prices are older than the limit (365 days, spot 90) and marked below. <code>switchyard prices refresh</code> reads today's from AWS.</p>`;
}
