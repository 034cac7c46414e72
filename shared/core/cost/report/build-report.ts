import { SwitchyardError } from '../../switchyard-error.ts';
import type { PriceCatalogue } from '../price-catalogue.ts';
import { usdAfterAllowances } from './allowances.ts';
import type { Alternative } from './alternative.ts';
import { alternativesOf, FLEET_WIDTH } from './alternatives.ts';
import { type Assumptions, seedAssumptions } from './assumptions.ts';
import { type BreakEven, breakEvens } from './break-even.ts';
import { type CurveChart, jobCurves, requestCurves } from './curves.ts';
import { type HiddenCost, hiddenCosts } from './hidden-costs.ts';
import { addsUp, type LedgerSummary } from './ledger-summary.ts';
import { type BookedPrice, openPriceBook, type PriceBook } from './price-book.ts';
import type { Reconciliation } from './reconcile-bill.ts';
import { type Regret, regretOfJobs, regretOfPlan } from './regret.ts';
import { openSeedPrices } from './seed-prices.ts';
import { type MoneyLeft, moneyLeft, type Reading, readingsOf } from './seed-question.ts';
import { type Sensitivity, sensitivities } from './sensitivity.ts';
import { designWorkload, itemsOf, type Workload } from './workload.ts';

/** Everything that a report shows, in every form. */
export interface Report {
  readonly schema: 1;
  readonly generatedAt: string;
  readonly region: string;
  readonly workload: Workload;
  readonly assumptions: Assumptions;
  readonly headline: Headline;
  /** Cheapest first. */
  readonly alternatives: readonly Alternative[];
  readonly breakEvens: readonly BreakEven[];
  readonly requestCurves: CurveChart;
  readonly jobCurves: CurveChart;
  readonly sensitivities: readonly Sensitivity[];
  readonly seed: SeedAnswer;
  readonly hidden: readonly HiddenCost[];
  readonly regret: Regret | undefined;
  readonly ledger: LedgerSummary | undefined;
  readonly actual: Reconciliation | undefined;
  readonly prices: readonly BookedPrice[];
  readonly unknownPrices: readonly { readonly item: string; readonly reason: string }[];
}

interface Headline {
  readonly plan: Alternative;
  readonly usdPerMillionItems: number;
  /** The same bill in an account that has nothing else in it. */
  readonly afterAllowancesUsd: number;
  /** What an idle month costs in such an account. */
  readonly idleAfterAllowancesUsd: number;
  /** The same with an HTTP API in place of the REST API that is deployed. */
  readonly withHttpApiUsd: number;
  readonly cheapestOnline: Alternative;
  readonly alwaysOn: Alternative | undefined;
}

/** The design documents' comparison, worked out under the assumptions of the first analysis. */
export interface SeedAnswer {
  readonly alwaysOnUsd: number;
  readonly readings: readonly Reading[];
  readonly moneyLeft: readonly MoneyLeft[];
  /** A million requests and so many bulk items, HTTP API, no operations. */
  readonly byBulk: readonly { readonly bulkItems: number; readonly ways: readonly Alternative[] }[];
}

export interface ReportInputs {
  readonly catalogue: PriceCatalogue;
  readonly region: string;
  readonly generatedAt: string;
  readonly workload: Workload;
  readonly assumptions: Assumptions;
  readonly ledger?: LedgerSummary;
}

const SEED_BULK = [0, 1e6, 1e7, 1e8, 1e9] as const;

/** Builds the report. Everything in it can be made again from its inputs. */
export function buildReport(inputs: ReportInputs): Report {
  const { catalogue, region, workload, assumptions: a, ledger } = inputs;
  if (ledger !== undefined && !addsUp(ledger)) {
    throw new SwitchyardError('internal', 'the ledger does not add up; no report is made of it');
  }
  const book = openPriceBook(catalogue, { region });
  const alternatives = alternativesOf(book, a, workload);
  const headline = headlineOf(book, a, { workload, alternatives });
  const planUsd = (assumed: Assumptions, load: Workload) =>
    planOf(alternativesOf(book, assumed, load)).usd;
  return {
    schema: 1,
    generatedAt: inputs.generatedAt,
    region,
    workload,
    assumptions: a,
    headline,
    alternatives,
    breakEvens: breakEvens(book, a),
    requestCurves: requestCurves(book, a),
    jobCurves: jobCurves(book, a, FLEET_WIDTH),
    sensitivities: sensitivities({ assumptions: a, workload }, planUsd),
    seed: seedAnswer(catalogue),
    hidden: hiddenCosts(book, a),
    regret:
      ledger === undefined
        ? regretOfPlan(book, a, workload)
        : regretOfJobs(book, a, ledger.priciestJobs),
    ledger,
    actual: undefined,
    prices: book.used(),
    unknownPrices: book.unknown(),
  };
}

/** What the router does with jobs of this size: the cheaper of fleet and spot. */
function planOf(alternatives: readonly Alternative[]): Alternative {
  const [plan] = alternatives.filter(
    ({ id }) => id === 'lambda' || id === 'lambda-spot-g4dn.xlarge',
  );
  const [first] = alternatives;
  if (plan !== undefined) return plan;
  if (first !== undefined) return first;
  throw new SwitchyardError('unknown_price', 'no alternative has a price in this region');
}

function headlineOf(
  book: PriceBook,
  a: Assumptions,
  known: { readonly workload: Workload; readonly alternatives: readonly Alternative[] },
): Headline {
  const { workload, alternatives } = known;
  const plan = planOf(alternatives);
  const http = alternativesOf(book, { ...a, front: 'http' }, workload);
  const items = itemsOf(workload);
  return {
    plan,
    usdPerMillionItems: items === 0 ? 0 : (plan.usd / items) * 1e6,
    afterAllowancesUsd: usdAfterAllowances(plan.lines),
    idleAfterAllowancesUsd: usdAfterAllowances(plan.lines.filter(({ isUsage }) => !isUsage)),
    withHttpApiUsd: http.find(({ id }) => id === plan.id)?.usd ?? plan.usd,
    cheapestOnline: alternatives.find(({ isOnline }) => isOnline) ?? plan,
    alwaysOn: alternatives.find(({ id }) => id === 'always-on-p3.2xlarge'),
  };
}

function seedAnswer(catalogue: PriceCatalogue): SeedAnswer {
  const book = openSeedPrices(catalogue);
  const a = seedAssumptions;
  return {
    alwaysOnUsd: book.usd('ec2 p3.2xlarge', a.hoursPerMonth) ?? Number.NaN,
    readings: readingsOf(book, a),
    moneyLeft: moneyLeft(book, a),
    byBulk: SEED_BULK.map((bulkItems) => ({
      bulkItems,
      ways: alternativesOf(book, a, { ...designWorkload, bulkItemsPerMonth: bulkItems }),
    })),
  };
}
