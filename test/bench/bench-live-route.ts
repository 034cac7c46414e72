import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { type BudgetStatus, budgetStatusSchema } from '#core/contract/budget.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { openModelCatalogue } from '#inference/model-catalogue.ts';
import { openInferenceService } from '#inference/open-inference-service.ts';
import type { LiveRouter } from '#work/routing/live-router.ts';
import type { InferenceDependencies } from '../../functions/handler-dependencies.ts';
import { createPredictHandler } from '../../functions/inference/predict.ts';
import { routeTexts } from '../../functions/inference/route-texts.ts';
import { toProxyEvent } from '../../functions/local/api-gateway-event.ts';
import { lambdaContext } from '../../functions/local/lambda-context.ts';
import { openLocalRouter } from '../../functions/local/open-local-router.ts';
import { testRates } from '../fixtures/routing/live-states.ts';
import { lengthMix } from './length-mix.ts';

const MODEL = 'sst2-minilm';
const GOAL_MICROSECONDS = 50;
const CALLS = 2_000;

/**
 * What routing costs a live answer: the CPU time of everything that the handler asks of it (place,
 * estimate, decide, state id, summary or explanation), and whole answers with the router against answers
 * on a fixed route, in turns.
 */
export async function benchLiveRoute(): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-bench-'));
  const catalogue = await openModelCatalogue({
    folders: [join(import.meta.dirname, '../../models')],
  });
  const inference = openInferenceService({ catalogue, sessionWorkers: 0, clock: systemClock });
  try {
    await inference.settled();
    const router = await openLocalRouter({
      catalogue,
      objectStore: await openFolderObjectStore({ folder }),
      clock: systemClock,
      limits: defaultLimits,
      rates: testRates(),
      workers: 2,
      cellBytes: 262_144,
      gpuProvider: undefined,
      rehearsesGpu: true,
      runnableWaitMillis: 0,
    });
    const share = measureShare(router);
    console.table(share);
    const latency = await compareLatency(inference, router);
    console.table(latency);
    return {
      share_microseconds: share,
      goal_share_microseconds: GOAL_MICROSECONDS,
      share_within_goal: Object.values(share).every((each) => each < GOAL_MICROSECONDS),
      predict_latency: latency,
    };
  } finally {
    await inference.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Half of it is spent: what is asked for fits. */
const budget: BudgetStatus = budgetStatusSchema.parse({
  mode: 'degrade',
  limitUsd: '1',
  spentUsd: '0.500000000000000001',
  promisedUsd: '0.25',
  resetsAt: '2026-12-01T00:00:00Z',
  takenAt: '2026-11-24T00:00:00Z',
});
const overBudget = { ...budget, spentUsd: '2' };

function measureShare(router: LiveRouter) {
  const texts = lengthMix(32, 7);
  const ask = {
    model: MODEL,
    texts: texts.slice(0, 1),
    prefersAsync: false,
    prefersFullRoute: false,
  };
  const none = { ...ask, budget: undefined };
  const deps = { limits: defaultLimits, router };
  const time = (request: Parameters<typeof routeTexts>[0]): number => {
    const routeMany = (times: number): number => {
      const before = process.cpuUsage();
      for (let time = 0; time < times; time += 1) routeTexts(request, deps);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / times;
    };
    routeMany(5_000);
    return rounded(Math.min(...[1, 2, 3].map(() => routeMany(5_000))));
  };
  return {
    one_text: time(none),
    one_text_with_a_deadline: time({ ...none, deadlineMs: 1_000 }),
    one_text_that_may_be_a_job: time({ ...none, prefersAsync: true }),
    one_text_within_a_budget: time({ ...ask, budget }),
    one_text_over_its_budget: time({ ...ask, budget: overBudget }),
    thirty_two_texts: time({ ...none, texts }),
    one_text_explained_in_full: time({ ...none, prefersFullRoute: true }),
  };
}

/** Whole answers by the real handler and model, the two taking turns text by text. */
async function compareLatency(inference: InferenceDependencies['inference'], router: LiveRouter) {
  const common: InferenceDependencies = {
    limits: defaultLimits,
    inference,
    clock: systemClock,
    log: () => undefined,
    metrics: { count: () => undefined, observe: () => undefined, flush: async () => undefined },
    jobs: { create: () => Promise.reject(new Error('no job is made here')) },
    costOf: () => ({ usd: 0, basis: 'bench' }),
  };
  const routed = createPredictHandler({ ...common, router });
  const fixed = createPredictHandler(common);
  const taken: { readonly routed: number; readonly fixed: number }[] = [];
  for (const [at, text] of lengthMix(CALLS, 11).entries()) {
    // Whoever comes second finds the caches warm.
    const fixedFirst = at % 2 === 0 ? await timeOf(fixed, text) : undefined;
    const routedMillis = await timeOf(routed, text);
    const fixedMillis = fixedFirst ?? (await timeOf(fixed, text));
    taken.push({ routed: routedMillis, fixed: fixedMillis });
  }
  const settled = taken.slice(CALLS / 10);
  return {
    calls_each: settled.length,
    routed_median_ms: rounded(median(settled.map((each) => each.routed))),
    fixed_median_ms: rounded(median(settled.map((each) => each.fixed))),
    ratio: rounded(median(settled.map((each) => each.routed / each.fixed))),
  };
}

async function timeOf(handler: ReturnType<typeof createPredictHandler>, text: string) {
  const event = toProxyEvent(
    {
      method: 'POST',
      path: '/predict',
      query: '',
      headers: [],
      body: Buffer.from(JSON.stringify({ text, model: MODEL })),
      sourceIp: '127.0.0.1',
      requestId: 'bench',
      receivedAtEpochMillis: 0,
    },
    { path: '/predict', pathParameters: {} },
  );
  const { signal } = new AbortController();
  const context = lambdaContext({ requestId: 'bench', signal, clock: systemClock });
  const start = performance.now();
  const { statusCode } = await handler(event, context);
  const millis = performance.now() - start;
  if (statusCode !== 200) throw new Error(`the answer was ${statusCode}`);
  return millis;
}

function median(values: readonly number[]): number {
  return (
    values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
  );
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
