import * as z from 'zod';
import { predictionDigestSchema } from '../predictions/prediction-digest.ts';
import { usualRequest } from './answer-lines.ts';
import { requestLines } from './charge-lines.ts';
import { escalationLineSchema } from './escalation-line.ts';
import { escalationRow } from './escalation-row.ts';
import { type LaneRates, type LaneRatesLookup, laneRatesOf } from './lane-rates.ts';
import { type LedgerRow, ledgerRow } from './ledger-row.ts';
import type { PriceCatalogue } from './price-catalogue.ts';

/**
 * What one call of the inference function used, as its log says it. Priced by whoever reads it: exact
 * money in the function itself would cost every cold start the size of the library. The log may add
 * names of its own, such as `timestamp`.
 */
const usageLineSchema = z.object({
  usage: z.literal(1),
  /** Also what tells the log's subscription that the line is kept. */
  basis: z.literal('estimate'),
  id: z.string().min(1).max(300),
  at: z.iso.datetime(),
  tenant: z.string(),
  model: z.string().nullable(),
  region: z.string(),
  architecture: z.enum(['x86_64', 'arm64']),
  memoryMib: z.number().nonnegative(),
  billedMillis: z.number().nonnegative(),
  /** 0 where the environment had been called before. */
  initMillis: z.number().nonnegative(),
  responseBytes: z.int().nonnegative(),
  answered: z.boolean(),
  items: z.int().nonnegative(),
  tokens: z.int().nonnegative(),
  /** What was answered; absent where nothing is kept of answers. */
  digest: predictionDigestSchema.optional(),
});
export type UsageLine = z.infer<typeof usageLineSchema>;

const pricedLineSchema = z.union([usageLineSchema, escalationLineSchema]);
/** A line of the log that becomes a row. */
export type PricedLine = z.infer<typeof pricedLineSchema>;

/** Undefined for a line that is none of these. */
export function parseUsageLine(json: string): PricedLine | undefined {
  try {
    return pricedLineSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

/** Prices lines; the catalogue is opened at the first, and undefined is said where it has no price. */
export function createUsagePricer(
  openCatalogue: () => PriceCatalogue,
): (line: PricedLine) => LedgerRow | undefined {
  const known = new Map<string, LaneRatesLookup>();
  return (line) => {
    const { region, architecture } = line;
    const key = `${region} ${architecture}`;
    const lookup = known.get(key) ?? laneRatesOf(openCatalogue(), { region, architecture });
    known.set(key, lookup);
    return lookup.kind === 'found' ? rowOf(line, lookup.rates) : undefined;
  };
}

function rowOf(line: PricedLine, rates: LaneRates): LedgerRow | undefined {
  return 'use' in line ? escalationRow(line, line.use, rates) : rowOfUsage(line, rates);
}

/** Prices lines and counts those that no price was found for: what is left out of a sum must be said. */
export function countUnpriced(price: (line: PricedLine) => LedgerRow | undefined) {
  let unpriced = 0;
  const priceUsage = (line: PricedLine): LedgerRow | undefined => {
    const row = price(line);
    if (row === undefined) unpriced += 1;
    return row;
  };
  return { priceUsage, unpricedLines: () => unpriced };
}

/** The row of a call for those who ask what was answered and not what it cost. */
export function unpricedRow(line: PricedLine): LedgerRow | undefined {
  if ('use' in line) return undefined;
  const { id, at, tenant, model, region, items, tokens, basis, digest } = line;
  const fixed = { schema: 1, source: 'request', lane: 'cpu', job: null, usd: '0' } as const;
  return { ...fixed, lines: [], id, at, tenant, model, region, items, tokens, basis, digest };
}

/** The row of a call behind the REST API. */
function rowOfUsage(line: UsageLine, rates: LaneRates): LedgerRow {
  const { id, at, tenant, model, region, items, tokens, basis, digest } = line;
  const { memoryMib, billedMillis, initMillis, responseBytes, answered } = line;
  const call = { memoryMib, billedMillis, initMillis, responseBytes, answered };
  const lines = requestLines({ ...usualRequest, ...call }, rates);
  const fixed = { source: 'request', lane: 'cpu', job: null } as const;
  return ledgerRow({
    id,
    at,
    tenant,
    model,
    region,
    items,
    tokens,
    basis,
    lines,
    digest,
    ...fixed,
  });
}
