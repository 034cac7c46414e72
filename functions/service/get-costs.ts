import { costsQuerySchema } from '#core/contract/costs-query.ts';
import type { CostsView } from '#core/contract/costs-view.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { totalUsd } from '#core/cost/ledger-total.ts';
import { deployedAssumptions } from '#core/cost/report/assumptions.ts';
import { buildReport, type Report } from '#core/cost/report/build-report.ts';
import { type LedgerSummary, summarizeLedger } from '#core/cost/report/ledger-summary.ts';
import { assumptionsOfLedger, workloadOfLedger } from '#core/cost/report/workload-of-ledger.ts';
import type { LedgerRange } from '#core/ports/ledger.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { DAY_MILLIS } from '#core/utc-day.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { CostBooks, JobDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { tenantOf } from '../tenant.ts';

const DEFAULT_DAYS = 30;

/** `GET /costs?from=&to=`: what the caller's own work cost, and what a month of it costs elsewhere. */
export function createGetCostsHandler(deps: JobDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async (event) => {
    const query = parseWith(costsQuerySchema, event.queryStringParameters ?? {});
    const { costs } = deps;
    if (costs === undefined) {
      throw new SwitchyardError('object_not_found', 'no ledger is kept here');
    }
    const nowMillis = deps.clock.epochMillis();
    const range = rangeOf(query, nowMillis);
    const warmUps: LedgerRow[] = [];
    const rows = rowsOf(costs, { range, tenant: tenantOf(event), warmUps });
    const summary = await summarizeLedger(rows, range);
    const month = monthOf(summary, { costs, nowMillis, toMillis: range.toMillis });
    return jsonAnswer(200, costsView(summary, { month, warmUps }));
  });
}

function rangeOf(
  query: { readonly from?: string | undefined; readonly to?: string | undefined },
  nowMillis: number,
): LedgerRange {
  const toMillis = query.to === undefined ? nowMillis + 1 : Date.parse(query.to) + DAY_MILLIS;
  const fromMillis =
    query.from === undefined ? toMillis - DEFAULT_DAYS * DAY_MILLIS : Date.parse(query.from);
  if (fromMillis < toMillis) return { fromMillis, toMillis };
  throw new SwitchyardError('invalid_request', '"from" must not lie after "to"', {
    members: { param: 'from' },
  });
}

async function* rowsOf(
  costs: CostBooks,
  wanted: { readonly range: LedgerRange; readonly tenant: string; readonly warmUps: LedgerRow[] },
): AsyncIterable<LedgerRow> {
  for await (const row of costs.ledger.read(wanted.range)) {
    if (row.source === 'warm-up') wanted.warmUps.push(row);
    else if (row.tenant === wanted.tenant) yield row;
  }
}

function monthOf(
  summary: LedgerSummary,
  {
    costs,
    nowMillis,
    toMillis,
  }: { readonly costs: CostBooks; readonly nowMillis: number; readonly toMillis: number },
): Report | undefined {
  if (summary.requests + summary.attempts === 0) return undefined;
  const { architecture, region } = costs;
  const catalogue = costs.catalogue();
  // What was charged is known all the same; only the comparison is left out.
  if (laneRatesOf(catalogue, { region, architecture }).kind !== 'found') return undefined;
  return buildReport({
    catalogue,
    region,
    generatedAt: new Date(nowMillis).toISOString(),
    workload: workloadOfLedger(summary, Math.min(nowMillis, toMillis)),
    assumptions: assumptionsOfLedger(summary, { ...deployedAssumptions, architecture }),
    ledger: summary,
  });
}

function costsView(
  summary: LedgerSummary,
  { month, warmUps }: { readonly month: Report | undefined; readonly warmUps: LedgerRow[] },
): CostsView {
  const basis = summary.metered
    ? 'metered by the platform'
    : 'estimate of what AWS would have charged; nothing was metered';
  return {
    from: summary.from,
    to: summary.to,
    usd: summary.usd,
    basis,
    requests: summary.requests,
    jobs: summary.jobs,
    attempts: summary.attempts,
    escalations: summary.escalations,
    items: summary.requestItems + summary.jobItems,
    tokens: summary.tokens,
    by_kind: summary.byKind,
    by_lane: summary.byLane,
    by_model: summary.byModel,
    by_item: summary.byItem,
    by_day: summary.byDay,
    unpriced: summary.unpriced,
    month: month === undefined ? null : monthView(month),
    warm_ups: { count: warmUps.length, usd: totalUsd(warmUps).toFixed() },
  };
}

function monthView({
  workload,
  headline,
  alternatives,
  regret,
  unknownPrices,
}: Report): CostsView['month'] {
  return {
    requests: workload.requestsPerMonth,
    bulk_items: workload.bulkItemsPerMonth,
    basis: workload.detail,
    plan: headline.plan.id,
    usd: headline.plan.usd,
    usd_after_free_allowances: headline.afterAllowancesUsd,
    regret: regret?.ratio ?? null,
    alternatives: alternatives.map(({ id, name, usd, fixedUsd }) => ({
      id,
      name,
      usd,
      fixed_usd: fixedUsd,
    })),
    unknown_prices: unknownPrices.map(({ item }) => item),
  };
}
