import type { Alternative } from '#core/cost/report/alternative.ts';
import type { Report, SeedAnswer } from '#core/cost/report/build-report.ts';
import { html, type Markup, table } from '#core/markup.ts';
import { showCount, showUsd } from '#work/report/show-numbers.ts';

const honestRivals = [
  'lambda',
  'lambda-spot-g4dn.xlarge',
  'fargate',
  'always-on-g4dn.xlarge',
  'always-on-p3.2xlarge',
] as const;

/** The design documents' claim, and what makes it true or not. */
export function seedSection({ seed }: Report): Markup {
  const ours = seed.byBulk.map(({ ways }) => usdOf(ways, 'lambda-spot-g4dn.xlarge'));
  const [least = 0, , , , most = 0] = ours;
  return html`<section><h2>“$2,200 always on, or $150 serverless”?</h2>
<p>The design documents compare a p3.2xlarge that is always on with Lambda and Batch spot at a million requests a month. The first figure is exact: 730 hours × $3.06 = ${showUsd(seed.alwaysOnUsd)}. The second does not come from the requests. They cost ${showUsd(usdOf(seed.byBulk[0]?.ways ?? [], 'lambda'))} all in, and with up to a billion bulk items on top the month costs ${showUsd(least)} to ${showUsd(most)}. It takes one of these to reach $150:</p>
${table(
  ['Reading', 'Arithmetic', 'A month', 'Is it so?'],
  seed.readings.map((each) => [each.label, each.arithmetic, showUsd(each.usd), each.verdict]),
  { numbersFrom: 9 },
)}
<h3>The honest rivals</h3>
<p>A p3.2xlarge is the dearest machine in the list. A small GPU or one Fargate container does the same work, and up to about ${showCount(equalBulk(seed))} bulk items a month Lambda alone is as cheap, and simpler.</p>
${rivalsTable(seed)}
<h3>What $150 buy after requests and network</h3>
${table(
  ['Network', 'Left', ...(seed.moneyLeft[0]?.gpuHours.map(({ name }) => `${name}, hours`) ?? [])],
  seed.moneyLeft.map(({ network, leftUsd, gpuHours }) => [
    network,
    showUsd(leftUsd),
    ...gpuHours.map(({ hours }) => `${Math.round(hours)}`),
  ]),
)}
<p class="quiet">This section only: us-east-1, HTTP API, no free allowances, no dashboards, spot prices rounded as in the first analysis, 60 jobs.</p></section>`;
}

function rivalsTable(seed: SeedAnswer): Markup {
  const names = honestRivals.map(
    (id) => seed.byBulk[0]?.ways.find((way) => way.id === id)?.name ?? id,
  );
  return table(
    ['A million requests and …', ...names],
    seed.byBulk.map(({ bulkItems, ways }) => [
      bulkItems === 0 ? 'no bulk' : `${showCount(bulkItems)} bulk items`,
      ...honestRivals.map((id) => showUsd(usdOf(ways, id))),
    ]),
  );
}

/** Bulk items at which Lambda alone costs as much as with Batch spot: both grow evenly. */
function equalBulk({ byBulk }: SeedAnswer): number {
  const [first] = byBulk;
  const last = byBulk.at(-1);
  if (first === undefined || last === undefined) return 0;
  const gapAt = ({ ways }: typeof first) =>
    usdOf(ways, 'lambda') - usdOf(ways, 'lambda-spot-g4dn.xlarge');
  const slope = (gapAt(last) - gapAt(first)) / (last.bulkItems - first.bulkItems);
  return -gapAt(first) / slope;
}

function usdOf(ways: readonly Alternative[], id: string): number {
  return ways.find((way) => way.id === id)?.usd ?? Number.NaN;
}
