import type { Limits } from '#core/contract/limits.ts';
import type { LaneRates } from '#core/cost/lane-rates.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { variantForLane } from '#core/models/lane-files.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { type LaneCurve, ownCurve } from '#core/routing/curves/derive-curves.ts';
import { assumedTokenEstimate, type ModelCurves } from '#core/routing/curves/model-curves.ts';
import { observedAttempt } from '#core/routing/curves/observed-attempt.ts';
import { assembleLocalState, type LocalGpu } from '#core/routing/state/local-state.ts';
import type { ModelBundle } from '#inference/model-bundle.ts';
import type { ModelCatalogue } from '#inference/model-catalogue.ts';
import { readModelCurves } from '#inference/read-model-curves.ts';
import {
  type LearningRouter,
  openLiveRouter,
  type RoutedModel,
} from '#work/routing/live-router.ts';
import type { FinishedRequest } from '../handler-dependencies.ts';
import type { LocalSettings } from './settings.ts';

const REFRESH_MILLIS = 10_000;

/** A small encoder on one core, until use teaches better. */
const unmeasuredCurve: LaneCurve = {
  perCallSeconds: 0.0005,
  perTokenSeconds: 0.0001,
  bulkPerTokenSeconds: 0.0001,
  startSeconds: 0.3,
  assumption: 'no curves.json in the bundle: 0.5 ms a text and 0.1 ms a token, until use teaches',
};

export interface LocalRouterOptions
  extends Pick<
    LocalSettings,
    'workers' | 'cellBytes' | 'gpuProvider' | 'rehearsesGpu' | 'runnableWaitMillis'
  > {
  readonly catalogue: ModelCatalogue;
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly rates: LaneRates;
}

/** The router of this machine: a state per model, made from its curves and what use has taught. */
export async function openLocalRouter(options: LocalRouterOptions): Promise<LearningRouter> {
  const models = await Promise.all(
    options.catalogue.models().map((bundle) => routedModel(bundle, options)),
  );
  return await openLiveRouter(options, models);
}

async function routedModel(
  { folder, manifest }: ModelBundle,
  options: LocalRouterOptions,
): Promise<RoutedModel> {
  const curves = await readModelCurves(folder);
  const curve = curveOf(curves, variantForLane(manifest, 'cpu-fleet')?.name, 'cpu');
  const known = curve ?? unmeasuredCurve;
  const gpu = gpuOf(manifest, curves, options);
  const { limits, workers, cellBytes, rates } = options;
  return {
    name: manifest.name,
    curve: {
      inline: known,
      bulkPerTokenSeconds: known.bulkPerTokenSeconds,
      isAssumed: curve === undefined,
    },
    assemble: (learnt, takenAt) => {
      const tokens = curves?.tokens ?? assumedTokenEstimate;
      const { name: model, tokenLimit } = manifest;
      const { inlineItems } = limits;
      const facts = { model, takenAt, inlineItems, tokens, tokenLimit, workers, cellBytes, gpu };
      return assembleLocalState(facts, known, { learnt, rates });
    },
  };
}

function gpuOf(
  manifest: ModelBundle['manifest'],
  curves: ModelCurves | undefined,
  options: LocalRouterOptions,
): LocalGpu | undefined {
  const waitSeconds = options.runnableWaitMillis / 1_000;
  if (options.rehearsesGpu) return { provider: 'simulated', curve: undefined, waitSeconds };
  const provider = options.gpuProvider;
  const variant = variantForLane(manifest, 'gpu-spot')?.name;
  if (provider === undefined || variant === undefined) return undefined;
  return { provider, curve: curveOf(curves, variant, provider), waitSeconds };
}

function curveOf(
  curves: ModelCurves | undefined,
  variant: string | undefined,
  provider: string,
): LaneCurve | undefined {
  const measured = curves?.curves.find(
    (each) => each.variant === variant && each.provider === provider,
  );
  return measured === undefined ? undefined : ownCurve(measured);
}

/** Keeps the states up to date with what requests and workers took, until stopped. */
export async function keepLearning(
  router: LearningRouter,
  options: {
    readonly clock: Clock;
    readonly stop: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<void> {
  const { clock, stop, onError } = options;
  while (!stop.aborted) {
    await clock.sleep(REFRESH_MILLIS, stop);
    await router.refresh().catch(onError);
  }
}

/** The same ledger; the router sees every worker's row that goes into it, and learns at each job's end. */
export function learningLedger(
  ledger: Ledger,
  router: LearningRouter,
  onError: (error: unknown) => void,
): Ledger {
  return {
    append: (row: LedgerRow) => {
      ledger.append(row);
      const seen = observedAttempt(row);
      if (seen !== undefined && row.model !== null) {
        router.observe(row.model, { kind: 'worker', ...seen });
      }
    },
    flush: async () => {
      await ledger.flush();
      await router.refresh().catch(onError);
    },
    read: (range) => ledger.read(range),
    close: () => ledger.close(),
  };
}

/** What an inline answer took teaches the router. */
export function observeRequest(router: LearningRouter, request: FinishedRequest): void {
  const { usage, model, status } = request;
  if (usage === undefined || model === undefined || status >= 400 || usage.items === 0) return;
  const run = {
    calls: usage.items,
    tokens: usage.tokens,
    runSeconds: usage.processingMillis / 1_000,
  };
  router.observe(model, { kind: 'inline', run });
}
