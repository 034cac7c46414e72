import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import type { PriceCatalogue } from '#core/cost/price-catalogue.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { createUsagePricer } from '#core/cost/usage-line.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { utcDay } from '#core/utc-day.ts';
import type { JobPorts } from '#work/job-ports.ts';
import type { CostBooks } from '../handler-dependencies.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** All functions of a deployment run on the same. */
const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x86_64';

/** Where the tries of workers are written down when a job has ended. Prices are opened only then. */
export function openJobCharges(
  objectStore: ObjectStore,
  variables: Variables,
): NonNullable<JobPorts['charges']> {
  return {
    ledger: createObjectLedger({ objectStore }),
    rates: () => {
      const place = { region: regionOf(variables), architecture: ARCHITECTURE } as const;
      const lookup = laneRatesOf(openShippedPricesOfToday(), place);
      return lookup.kind === 'found' ? lookup.rates : undefined;
    },
  };
}

/** What `GET /costs` reads. */
export function openCostBooks(objectStore: ObjectStore, variables: Variables): CostBooks {
  return {
    ledger: createObjectLedger({
      objectStore,
      priceUsage: createUsagePricer(openShippedPricesOfToday),
    }),
    region: regionOf(variables),
    architecture: ARCHITECTURE,
    catalogue: openShippedPricesOfToday,
  };
}

/** The prices of the package; those that are old by now are marked as such. */
export function openShippedPricesOfToday(): PriceCatalogue {
  const today = utcDay(systemClock.epochMillis());
  return openShippedPrices({ today });
}

function regionOf(variables: Variables): string {
  return variables['AWS_REGION'] ?? 'us-east-1';
}
