import { answerLines } from '#core/cost/answer-lines.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { sumUsd } from '#core/cost/usd.ts';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';

/** Only marks old prices as old, which nobody reads here; today's date would change every template. */
const ANY_DAY = '2025-01-01';

/**
 * What the inference function says its answers cost, of its own region and processor: what each takes
 * whatever its time (the call, the API, the log), and what its time takes. Given at synth: the function
 * would have to read the whole catalogue in its init. Nothing where no price is known.
 */
export function answerPrices({ region, architecture }: DeploymentConfig) {
  const found = laneRatesOf(openShippedPrices({ today: ANY_DAY }), { region, architecture });
  if (found.kind !== 'found') return {};
  return {
    SWITCHYARD_USD_PER_GB_SECOND: found.rates.lambda.usdPerGbSecond,
    SWITCHYARD_USD_PER_ANSWER: sumUsd(answerLines(0, found.rates).map(({ usd }) => usd)).toNumber(),
  };
}
