import { roundUsd, sumUsd, type Usd } from '../cost/usd.ts';
import { environmentsOf, type PingOutcome } from './plan-pings.ts';
import { type WarmUpBill, warmUpLines } from './warm-up-lines.ts';

/** What one run of the warmer did and cost; logged as one line and returned. */
export interface WarmUpReceipt {
  readonly wanted: number;
  /** Distinct ids of the environments that ran an inference. */
  readonly environments: readonly string[];
  readonly pings: number;
  readonly failed: number;
  /** Why pings failed, each reason once. */
  readonly reasons: readonly string[];
  readonly rounds: number;
  /** Environments that did not exist before: their start was paid here and not by a caller. */
  readonly started: number;
  readonly coldStartsAvoided: number;
  readonly estimate: string;
  /** Dollars of this run, the warmer's own included; null where a price is not known. */
  readonly usd: string | null;
  readonly usdPerAvoidedColdStart: string | null;
  readonly priceBasis: string;
}

const ESTIMATE =
  'requests since the pings before that found an environment which only a ping had started, or had ' +
  'kept for more than 10 minutes; assumes that the same environments would have been chosen';

export function warmUpReceipt(
  wanted: number,
  rounds: readonly (readonly PingOutcome[])[],
  bill: WarmUpBill,
): WarmUpReceipt {
  const outcomes = rounds.flat();
  const answers = outcomes.flatMap((each) => (each.ok ? [each.answer] : []));
  const reasons = outcomes.flatMap((each) => (each.ok ? [] : [each.reason]));
  const avoided = answers.reduce((sum, { coldStartsAvoided }) => sum + coldStartsAvoided, 0);
  const cost = costOf(outcomes, bill);
  return {
    wanted,
    environments: environmentsOf(outcomes),
    pings: outcomes.length,
    failed: reasons.length,
    reasons: [...new Set(reasons)],
    rounds: rounds.length,
    started: new Set(answers.filter(({ cold }) => cold).map((each) => each.environmentId)).size,
    coldStartsAvoided: avoided,
    estimate: ESTIMATE,
    usd: cost.usd?.toFixed() ?? null,
    usdPerAvoidedColdStart:
      cost.usd === undefined || avoided === 0 ? null : roundUsd(cost.usd.div(avoided)).toFixed(),
    priceBasis: cost.basis,
  };
}

function costOf(
  outcomes: readonly PingOutcome[],
  bill: WarmUpBill,
): { readonly usd: Usd | undefined; readonly basis: string } {
  const { region } = bill.warmer;
  const priced = warmUpLines(outcomes, bill);
  const perRequest = bill.prices.find({ service: 'lambda', dimension: 'requests', region });
  if (priced.kind === 'unknown') return { usd: undefined, basis: priced.reason };
  if (perRequest.kind !== 'found') return { usd: undefined, basis: perRequest.reason };
  const basis = `AWS Lambda list prices of ${region}, ${perRequest.price.asOf}, init billed`;
  return { usd: sumUsd(priced.lines.map(({ usd }) => usd)), basis };
}
