import type { PriceCatalogue } from '../../cost/price-catalogue.ts';
import { tieredUsd } from '../../cost/price-quantity.ts';
import { sumUsd, Usd } from '../../cost/usd.ts';
import { idleQuantities } from './idle-quantities.ts';
import type { IdleQuantity } from './idle-quantity.ts';
import type { IdleTemplate } from './idle-template.ts';

/**
 * What AWS gives every account each month for ever, in units of the prices: from its pages on free
 * tiers, read in 2026-11. An account shares them among all that it runs.
 */
const alwaysFree: Readonly<Record<string, number>> = {
  'lambda requests': 1_000_000,
  'lambda duration-x86_64': 400_000,
  'lambda duration-arm64': 400_000,
  'sqs standard-requests': 1_000_000,
  'cloudwatch alarms': 10,
  'cloudwatch dashboards': 3,
  'cloudwatch metrics': 10,
  'cloudwatch logs-ingested': 5,
};

interface IdleLine extends IdleQuantity {
  /** Dollars a month by the list price; undefined where the catalogue has none. */
  readonly listUsd: Usd | undefined;
  /** Dollars a month after what AWS gives every account. */
  readonly billedUsd: Usd | undefined;
}

export interface IdleCost {
  readonly lines: readonly IdleLine[];
  readonly listUsd: Usd;
  /** In an account that runs nothing else. */
  readonly billedUsd: Usd;
  /** Lines without a price, with the reason. */
  readonly unknown: readonly string[];
}

/** What a deployment costs in a month in which nobody calls it. */
export function idleCost(
  templates: readonly IdleTemplate[],
  options: { readonly prices: PriceCatalogue; readonly region: string },
): IdleCost {
  const left = new Map(Object.entries(alwaysFree));
  const unknown: string[] = [];
  const lines = idleQuantities(templates).map((quantity): IdleLine => {
    const { service, dimension, amount } = quantity;
    const found = options.prices.find({ service, dimension, region: options.region });
    if (found.kind !== 'found') {
      unknown.push(`${quantity.what}: ${found.reason}`);
      return { ...quantity, listUsd: undefined, billedUsd: undefined };
    }
    const free = Math.min(amount, left.get(`${service} ${dimension}`) ?? 0);
    left.set(`${service} ${dimension}`, (left.get(`${service} ${dimension}`) ?? 0) - free);
    return {
      ...quantity,
      listUsd: tieredUsd(found.price, amount),
      billedUsd: tieredUsd(found.price, amount - free),
    };
  });
  const total = (of: 'listUsd' | 'billedUsd') =>
    sumUsd(lines.map((line) => line[of] ?? new Usd(0)));
  return { lines, listUsd: total('listUsd'), billedUsd: total('billedUsd'), unknown };
}
