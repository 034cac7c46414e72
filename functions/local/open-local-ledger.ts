import { join } from 'node:path';
import { openFileLedger } from '#adapters/local/file-ledger.ts';
import { openFilePredictionLog } from '#adapters/local/file-prediction-log.ts';
import { readPriceFiles } from '#adapters/local/price-files.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { PredictionLog } from '#core/ports/prediction-log.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { DAY_MILLIS, utcDay } from '#core/utc-day.ts';
import type { CostBooks, Log } from '../handler-dependencies.ts';
import { createPredictionRecorder, noPredictions } from '../inference/record-predictions.ts';
import { createRequestCharges } from '../inference/request-charges.ts';
import { countingLedger } from './open-local-budgets.ts';
import type { LocalSettings } from './settings.ts';

type LedgerOptions = Pick<
  LocalSettings,
  'dataFolder' | 'prices' | 'tenantBudget' | 'predictionLog' | 'retentionDays'
> & {
  readonly clock: Clock;
  readonly log: Log;
};

/** The ledger of this machine and what puts priced requests into it. */
export async function openLocalLedger(options: LedgerOptions) {
  const { dataFolder, clock, log } = options;
  const today = utcDay(clock.epochMillis());
  const refreshed = await readPriceFiles(join(dataFolder, 'prices'));
  const catalogue = openShippedPrices({ today }, refreshed);
  const lookup = laneRatesOf(catalogue, options.prices);
  if (lookup.kind === 'unknown') {
    throw new SwitchyardError('invalid_setting', `SWITCHYARD_PRICE_REGION: ${lookup.reason}`);
  }
  const onError = (error: unknown) =>
    log({ level: 'error', event: 'ledger', error: String(error) });
  const file = await openFileLedger({ folder: join(dataFolder, 'ledger'), onError });
  // Only a budget makes the start read the month.
  const counting = options.tenantBudget && (await countingLedger(file, clock));
  const ledger = counting ?? file;
  const texts = await openTexts(options, onError);
  const { rates } = lookup;
  const costs: CostBooks = { ledger, ...options.prices, catalogue: () => catalogue };
  const predictions =
    options.predictionLog === 'off'
      ? noPredictions
      : createPredictionRecorder({ clock, log: texts });
  const charges = createRequestCharges({ rates, ledger, clock, predictions });
  const close = async (): Promise<void> => {
    await texts?.close();
    await ledger.close();
  };
  return { ledger, counting, rates, costs, charges, close };
}

/** Where texts are kept; undefined unless that was asked for. */
async function openTexts(
  { predictionLog, dataFolder, retentionDays, clock }: LedgerOptions,
  onError: (error: unknown) => void,
): Promise<PredictionLog | undefined> {
  if (predictionLog !== 'full') return undefined;
  const folder = join(dataFolder, 'predictions');
  const retentionMillis = retentionDays * DAY_MILLIS;
  return await openFilePredictionLog({ folder, clock, retentionMillis, onError });
}
