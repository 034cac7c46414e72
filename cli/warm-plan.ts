import { seededFractions } from '#core/chaos/kill-schedule.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { type Arrival, readArrivals } from '#core/routing/replay/arrivals.ts';
import {
  environmentsToKeep,
  type KeepChoice,
  scheduleOfDay,
} from '#core/warming/environments-to-keep.ts';
import { priceOfWarmth, type WarmthLookup } from '#core/warming/price-of-warmth.ts';
import { type ReplayOutcome, replayArrivals } from '#core/warming/replay-arrivals.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { readCsvRows } from './files/read-csv-rows.ts';

export interface WarmPlanSettings {
  readonly trace: string;
  readonly column?: string;
  /** Largest share of requests that may meet a cold start, 0–1. */
  readonly coldShare: number;
  readonly most: number;
  readonly serviceMillis: number;
  readonly initMillis: number;
  readonly memoryMib: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly region: string;
  readonly pingMinutes: number;
}

export interface WarmPlan {
  readonly days: number;
  readonly without: ReplayOutcome;
  readonly choice: KeepChoice;
  /** Environments to keep in each hour of the day, counted from the first row of the trace. */
  readonly hours: readonly number[];
  readonly price: WarmthLookup;
}

/** More would take minutes and say the same. */
const MOST_ARRIVALS = 200_000;
const DAYS_PER_MONTH = 365 / 12;
/** Inference and hold of one ping. */
const PING_MILLIS = 110;

/** How many environments to keep warm for the recorded traffic, and what that costs either way. */
export async function planWarming(settings: WarmPlanSettings, today: string): Promise<WarmPlan> {
  const { column, serviceMillis, initMillis, pingMinutes } = settings;
  const options = {
    tokens: 1,
    tokenLimit: 1,
    most: MOST_ARRIVALS,
    ...(column === undefined ? {} : { column }),
  };
  const arrivals = readArrivals(await readCsvRows(settings.trace), options, seededFractions(1));
  const days = daysOf(arrivals);
  const arrivalMillis = arrivals.map(({ seconds }) => seconds * 1_000);
  const history = { arrivalMillis, serviceMillis, initMillis };
  const choice = environmentsToKeep(history, settings);
  const perMonth = (count: number) => Math.round((count / days) * DAYS_PER_MONTH);
  const price = priceOfWarmth(
    {
      ...settings,
      environments: choice.environments,
      pingEveryMinutes: pingMinutes,
      pingMillis: PING_MILLIS,
      recycledPerMonth: 0,
      requestsPerMonth: perMonth(arrivals.length),
      requestMillis: serviceMillis,
      avoidedColdStartsPerMonth: perMonth(choice.avoided),
    },
    openShippedPrices({ today }),
  );
  const without = replayArrivals(history, 0);
  return { days, without, choice, hours: scheduleOfDay(history, settings), price };
}

function daysOf(arrivals: readonly Arrival[]): number {
  const seconds = arrivals.at(-1)?.seconds ?? 0;
  if (seconds > 0) return seconds / 86_400;
  const remedy = 'Give a trace of a day or more.';
  throw new CliError(exitCodes.usage, 'unreadable_trace', 'the trace has no time', { remedy });
}
