import { type Architecture, HOURS_PER_MONTH } from '../cost/lane-rates.ts';
import type { PriceCatalogue } from '../cost/price-catalogue.ts';
import { unitUsd } from '../cost/price-quantity.ts';
import { roundUsd, Usd } from '../cost/usd.ts';

/** What is kept warm, and what happens to it in a month. */
export interface WarmthPlan {
  readonly environments: number;
  readonly memoryMib: number;
  readonly architecture: Architecture;
  readonly region: string;
  readonly pingEveryMinutes: number;
  /** Inference and hold of one ping. */
  readonly pingMillis: number;
  /** Init of an environment; a ping pays it when the platform has recycled one. */
  readonly initMillis: number;
  /** Environments that the platform takes away per month although they are pinged. */
  readonly recycledPerMonth: number;
  /** Callers' requests in a month, and the billed time of each. */
  readonly requestsPerMonth: number;
  readonly requestMillis: number;
  readonly avoidedColdStartsPerMonth: number;
}

interface PriceOfWarmth {
  /** Dollars a month, above what the callers' requests cost without it. */
  readonly pingsUsd: Usd;
  readonly provisionedUsd: Usd;
  readonly cheaper: 'pings' | 'provisioned';
  /** Undefined where nothing was avoided. */
  readonly pingsUsdPerAvoided: Usd | undefined;
  readonly provisionedUsdPerAvoided: Usd | undefined;
  /** Requests a month above which provisioned concurrency pays for itself by its lower rate. */
  readonly provisionedPaysAbove: number;
  /** What each way does not do. */
  readonly caveats: readonly string[];
}

export type WarmthLookup =
  | { readonly kind: 'found'; readonly price: PriceOfWarmth }
  | { readonly kind: 'unknown'; readonly reason: string };

const caveats = [
  'pings: environments are recycled all the same and lost at each deploy; a burst above them is cold',
  'provisioned concurrency: held by promise, billed per 5 minutes whether used or not',
] as const;

/**
 * Pings against provisioned concurrency, by list prices of the first tier. Pings cost their calls;
 * provisioned environments cost their hours, less what the lower rate per second saves on the requests
 * that run on them.
 */
export function priceOfWarmth(plan: WarmthPlan, prices: PriceCatalogue): WarmthLookup {
  const rates = ratesOf(plan, prices);
  if ('reason' in rates) return { kind: 'unknown', reason: rates.reason };
  const gb = new Usd(plan.memoryMib).div(1_024);
  const gbSecondsOf = (millis: number | Usd) => gb.times(millis).div(1_000);
  const pings = new Usd(HOURS_PER_MONTH)
    .times(60)
    .div(plan.pingEveryMinutes)
    .times(plan.environments);
  const pingsUsd = roundUsd(
    pings
      .times(rates.request.plus(gbSecondsOf(plan.pingMillis).times(rates.duration)))
      .plus(gbSecondsOf(plan.initMillis).times(plan.recycledPerMonth).times(rates.duration)),
  );
  const heldUsd = gbSecondsOf(HOURS_PER_MONTH * 3_600_000)
    .times(plan.environments)
    .times(rates.held);
  const savedPerRequest = gbSecondsOf(plan.requestMillis).times(
    rates.duration.minus(rates.provisionedDuration),
  );
  const provisionedUsd = roundUsd(heldUsd.minus(savedPerRequest.times(plan.requestsPerMonth)));
  const per = (usd: Usd) =>
    plan.avoidedColdStartsPerMonth === 0
      ? undefined
      : roundUsd(usd.div(plan.avoidedColdStartsPerMonth));
  const price: PriceOfWarmth = {
    pingsUsd,
    provisionedUsd,
    cheaper: pingsUsd.lte(provisionedUsd) ? 'pings' : 'provisioned',
    pingsUsdPerAvoided: per(pingsUsd),
    provisionedUsdPerAvoided: per(provisionedUsd),
    provisionedPaysAbove: heldUsd.div(savedPerRequest).ceil().toNumber(),
    caveats,
  };
  return { kind: 'found', price };
}

interface Rates {
  readonly request: Usd;
  readonly duration: Usd;
  readonly held: Usd;
  readonly provisionedDuration: Usd;
}

function ratesOf(
  { architecture, region }: WarmthPlan,
  prices: PriceCatalogue,
): Rates | { readonly reason: string } {
  const find = (dimension: string) => prices.find({ service: 'lambda', dimension, region });
  const request = find('requests');
  const duration = find(`duration-${architecture}`);
  const held = find(`provisioned-${architecture}`);
  const provisionedDuration = find(`provisioned-duration-${architecture}`);
  if (request.kind !== 'found') return request;
  if (duration.kind !== 'found') return duration;
  if (held.kind !== 'found') return held;
  if (provisionedDuration.kind !== 'found') return provisionedDuration;
  return {
    request: unitUsd(request.price),
    duration: unitUsd(duration.price),
    held: unitUsd(held.price),
    provisionedDuration: unitUsd(provisionedDuration.price),
  };
}
