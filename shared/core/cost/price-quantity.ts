import { SwitchyardError } from '../switchyard-error.ts';
import type { Price, PriceCatalogue, PriceLookup, PriceQuery } from './price-catalogue.ts';
import { Usd } from './usd.ts';

/** What a month's quantity of one thing costs, tier by tier; exact. */
export function tieredUsd(price: Pick<Price, 'tiers' | 'per'>, quantity: number | Usd): Usd {
  const wanted = new Usd(quantity);
  let sum = new Usd(0);
  for (const [at, tier] of price.tiers.entries()) {
    const end = price.tiers[at + 1]?.from;
    const upTo = end === undefined ? wanted : Usd.min(wanted, end);
    const inTier = upTo.minus(tier.from);
    if (inTier.gt(0)) sum = sum.plus(inTier.times(tier.usd));
  }
  return sum.div(price.per);
}

/** Dollars per one unit in the first tier: what the next request costs an account of ordinary size. */
export function unitUsd(price: Pick<Price, 'tiers' | 'per'>): Usd {
  return new Usd(price.tiers[0]?.usd ?? 0).div(price.per);
}

/** The price, or `unknown_price` thrown with the reason and the remedy. */
export function requirePrice(catalogue: PriceCatalogue, query: PriceQuery): Price {
  return foundPrice(catalogue.find(query));
}

/** The price of a look-up, or `unknown_price` thrown. */
function foundPrice(lookup: PriceLookup): Price {
  if (lookup.kind === 'found') return lookup.price;
  throw new SwitchyardError('unknown_price', lookup.reason);
}
