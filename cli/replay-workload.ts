import { readFile } from 'node:fs/promises';
import { seededFractions } from '#core/chaos/kill-schedule.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { type ModelCurves, modelCurvesSchema } from '#core/routing/curves/model-curves.ts';
import { readArrivals } from '#core/routing/replay/arrivals.ts';
import { drawJobs, standardMix } from '#core/routing/replay/replay-job.ts';
import { prepareJobs } from '#core/routing/replay/replay-jobs.ts';
import { replayStateOf } from '#core/routing/replay/replay-state.ts';
import type { Workload } from '#core/routing/replay/replay-workload.ts';
import { generateSpotZones, readSpotZones } from '#core/routing/replay/spot-zones.ts';
import type { Availability } from '#core/routing/spot/availability.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { readCsvRows } from './files/read-csv-rows.ts';

export interface ReplaySettings {
  readonly trace: string;
  /** @default - the first column after the time */
  readonly column?: string;
  /** @default - made-up zones */
  readonly spot?: string;
  readonly jobs: number;
  readonly tokens: number;
  readonly deadlineMs: number;
  readonly seed: number;
  readonly model: string;
  readonly region: string;
  readonly instance: string;
  readonly fleet: number;
  readonly setup: number;
}

/** Steps of made-up zones. */
const STEP_SECONDS = 60;

/** Requests of the trace and seeded jobs, with what each job could have cost. */
export async function openWorkload(settings: ReplaySettings, today: string): Promise<Workload> {
  const { seed, tokens, column, deadlineMs } = settings;
  const prices = openShippedPrices({ today });
  const found = laneRatesOf(prices, { region: settings.region, architecture: 'x86_64' });
  if (found.kind === 'unknown') throw usage('unknown_price', found.reason);
  const { curves } = await readCurves(settings.model);
  const [curve] = curves;
  if (curve === undefined) throw usage('model_invalid', `${settings.model} has no measured curve`);
  const state = replayStateOf({
    model: settings.model,
    curve,
    rates: found.rates,
    instanceType: settings.instance,
    fleetWidth: settings.fleet,
    setupSeconds: settings.setup,
  });
  if (state.gpus.length === 0) {
    throw usage('unknown_price', `no price of ${settings.instance} in ${settings.region} is known`);
  }
  const options = { tokens, tokenLimit: 512, ...(column === undefined ? {} : { column }) };
  const arrivals = readArrivals(await readCsvRows(settings.trace), options, seededFractions(seed));
  const mix = { ...standardMix, tokensPerItem: tokens, perKind: settings.jobs };
  const jobs = drawJobs(mix, await readZones(settings), seededFractions(seed + 2));
  return {
    arrivals,
    requestDeadlineSeconds: deadlineMs / 1_000,
    jobs: prepareJobs(jobs, state),
    state,
    seed,
  };
}

async function readZones({
  spot,
  seed,
}: ReplaySettings): Promise<ReadonlyMap<string, Availability>> {
  if (spot !== undefined) return readSpotZones(await readCsvRows(spot));
  return generateSpotZones(STEP_SECONDS, seededFractions(seed + 3));
}

/** The models lie beside the program, in the sources and in the published package. */
async function readCurves(model: string): Promise<ModelCurves> {
  try {
    const text = await readFile(new URL(`../models/${model}/curves.json`, import.meta.url), 'utf8');
    return modelCurvesSchema.parse(JSON.parse(text));
  } catch (cause) {
    const detail = `no curves of a model ${model} ship with this program`;
    const remedy = 'Use sst2-minilm or minilm-embed.';
    throw new CliError(exitCodes.usage, 'model_not_found', detail, { remedy, cause });
  }
}

function usage(code: string, detail: string): CliError {
  return new CliError(exitCodes.usage, code, detail);
}
