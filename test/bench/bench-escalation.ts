import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { developmentCorpus } from '../fixtures/harness/corpus.ts';
import { drawFrontiers } from './draw-frontier.ts';
import { escalationFrontier, type FrontierPoint, type Tier } from './escalation-frontier.ts';
import { measureTiers } from './measure-tier.ts';

const root = join(import.meta.dirname, '../..');
const folders = [
  'test/fixtures/models/tiny-text',
  'test/fixtures/cascade/sst2-minilm-small',
  'models/sst2-minilm',
];
const region = 'us-east-1';

/**
 * Accuracy against dollars on the development set of SST-2: each small model alone, with escalation to the
 * default model at several thresholds, and the default model alone. Dollars are CPU time of this machine
 * at Lambda's prices: their ratios travel, their amounts do not.
 */
export async function benchEscalation(): Promise<Record<string, unknown>> {
  const corpus = developmentCorpus();
  const tiers = await measureTiers(
    folders.map((folder) => join(root, folder)),
    corpus.rows.map(({ text }) => text),
  );
  const large = tiers.at(-1);
  if (large === undefined) throw new Error('no model was measured');
  const labels = corpus.rows.map(({ label }) => label);
  const rates = ratesOfToday();
  const cascades = tiers.slice(0, -1).map((small) => ({
    title: `${small.name} → ${large.name}`,
    points: escalationFrontier(labels, { small, large }, rates),
  }));
  for (const { title, points } of cascades) {
    console.log(`${title}, ${labels.length} rows (${corpus.origin})`);
    console.table(points.map(tableRow));
  }
  writePage(await drawFrontiers(cascades, aboutOf(corpus.origin, labels.length)));
  return {
    corpus: corpus.origin,
    rows: labels.length,
    page: 'bench-results/escalation.html',
    models: tiers.map(({ name, millisPerRow }: Tier) => ({
      name,
      cpu_ms_per_row: rounded(millisPerRow),
    })),
    cascades: cascades.map(({ title, points }) => ({ title, points: points.map(tableRow) })),
  };
}

function ratesOfToday() {
  const today = new Date().toISOString().slice(0, 10);
  const lookup = laneRatesOf(openShippedPrices({ today }), { region, architecture: 'x86_64' });
  if (lookup.kind !== 'found') throw new Error(lookup.reason);
  return lookup.rates;
}

function aboutOf(origin: string, rows: number): string {
  const data = origin === 'sst2' ? `${rows} sentences of SST-2 dev` : `${rows} generated reviews`;
  return `${data}, one per request. Dollars: mean CPU time of this machine as Lambda time (1,769 MB, x86_64, ${region}, whole milliseconds); the API, the call and the log cost the same in every way and are left out here.`;
}

function tableRow(point: FrontierPoint) {
  return {
    way: point.threshold === undefined ? `${point.way} alone` : 'escalated',
    threshold: point.threshold,
    escalated_share: rounded(point.escalated),
    right: point.right,
    accuracy: rounded(point.accuracy),
    usd_per_1000: rounded(point.usdPer1000),
    model_usd_per_1000: rounded(point.modelUsdPer1000),
  };
}

function writePage(page: string): void {
  const folder = join(root, 'bench-results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'escalation.html'), page);
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
