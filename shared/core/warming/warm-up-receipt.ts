import type { Architecture } from '../cost/lane-rates.ts';
import type { PriceCatalogue, PriceLookup } from '../cost/price-catalogue.ts';
import { unitUsd } from '../cost/price-quantity.ts';
import { roundUsd, Usd } from '../cost/usd.ts';
import { environmentsOf, type PingOutcome } from './plan-pings.ts';

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

/** The warmer's own part of the bill. */
export interface WarmerRun {
  readonly millis: number;
  readonly memoryMib: number;
  readonly architecture: Architecture;
  readonly region: string;
}

const ESTIMATE =
  'requests since the pings before that found an environment which only a ping had started, or had ' +
  'kept for more than 10 minutes; assumes that the same environments would have been chosen';

export function warmUpReceipt(
  wanted: number,
  rounds: readonly (readonly PingOutcome[])[],
  bill: { readonly prices: PriceCatalogue; readonly warmer: WarmerRun },
): WarmUpReceipt {
  const outcomes = rounds.flat();
  const answers = outcomes.flatMap((each) => (each.ok ? [each.answer] : []));
  const reasons = outcomes.flatMap((each) => (each.ok ? [] : [each.reason]));
  const avoided = answers.reduce((sum, { coldStartsAvoided }) => sum + coldStartsAvoided, 0);
  const calls = [
    ...answers.map((each) => ({
      architecture: each.architecture,
      memoryMib: each.memoryMib,
      millis: Math.ceil(each.handlerMillis) + (each.cold ? Math.ceil(each.initMillis) : 0),
    })),
    bill.warmer,
  ];
  const cost = costOf(calls, outcomes.length + 1, bill);
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

interface BilledCall {
  readonly architecture: Architecture;
  readonly memoryMib: number;
  readonly millis: number;
}

function costOf(
  calls: readonly BilledCall[],
  requests: number,
  { prices, warmer }: { readonly prices: PriceCatalogue; readonly warmer: WarmerRun },
): { readonly usd: Usd | undefined; readonly basis: string } {
  const { region } = warmer;
  const perRequest = prices.find({ service: 'lambda', dimension: 'requests', region });
  if (perRequest.kind !== 'found') return { usd: undefined, basis: perRequest.reason };
  let usd = unitUsd(perRequest.price).times(requests);
  for (const { architecture, memoryMib, millis } of calls) {
    const rate = durationPrice(prices, { architecture, region });
    if (rate.kind !== 'found') return { usd: undefined, basis: rate.reason };
    const gbSeconds = new Usd(memoryMib).div(1_024).times(Math.ceil(millis)).div(1_000);
    usd = usd.plus(unitUsd(rate.price).times(gbSeconds));
  }
  const basis = `AWS Lambda list prices of ${region}, ${perRequest.price.asOf}, init billed`;
  return { usd: roundUsd(usd), basis };
}

function durationPrice(
  prices: PriceCatalogue,
  place: { readonly architecture: Architecture; readonly region: string },
): PriceLookup {
  const { architecture, region } = place;
  return prices.find({ service: 'lambda', dimension: `duration-${architecture}`, region });
}
