import { systemClock } from '#adapters/local/system-clock.ts';
import type { LaneRates } from '#core/cost/lane-rates.ts';
import { utcDay } from '#core/utc-day.ts';

/** The prices of this worker's region, for the manifest of the job that it merges. */
export async function openRates(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<LaneRates | undefined> {
  // Imported late: one worker of a job needs them, at its very end.
  const [{ laneRatesOf }, { openShippedPrices }] = await Promise.all([
    import('#core/cost/lane-rates.ts'),
    import('#core/cost/shipped-prices.ts'),
  ]);
  const today = utcDay(systemClock.epochMillis());
  const region = variables['SWITCHYARD_PRICE_REGION'] ?? variables['AWS_REGION'] ?? 'us-east-1';
  const isArm = variables['SWITCHYARD_PRICE_ARCHITECTURE'] === 'arm64';
  const architecture = isArm ? 'arm64' : 'x86_64';
  const lookup = laneRatesOf(openShippedPrices({ today }), { region, architecture });
  return lookup.kind === 'found' ? lookup.rates : undefined;
}
