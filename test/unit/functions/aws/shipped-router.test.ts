import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readDeploymentConfig } from '#core/deployment/deployment-config.ts';
import { startJobCallSchema } from '#core/deployment/start-job-call.ts';
import { decideLive } from '#core/routing/live-route.ts';
import { quotePlan } from '#core/routing/plans/plan-quote.ts';
import type { LiveState } from '#core/routing/state/live-state.ts';
import { createRemoteJobStarter } from '#work/accept/remote-job-starter.ts';
import { createJobRouting } from '#work/accept/route-job.ts';
import { createRemoteStates } from '#work/routing/remote-states.ts';
import { RouterStates } from '#work/routing/router-states.ts';
import { createShippedRouter } from '#work/routing/shipped-router.ts';
import { openInferenceFunction } from '../../../../functions/aws/open-inference-function.ts';
import { keepShippedStates } from '../../../../functions/aws/open-shipped-router.ts';
import { readRouterStates } from '../../../../functions/aws/read-router-states.ts';
import { routerFile } from '../../../../infra/router-file.ts';
import { temporaryFolder } from '../../../contract/temporary-folder.ts';
import { modelsFolder } from '../../../fixtures/inference/bundles.ts';
import { createMemoryObjectStore } from '../../../fixtures/memory-object-store.ts';
import { bodyOf } from '../handler-harness.ts';
import { asResult, lambdaContextOf, restEvent } from './rest-events.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const config = readDeploymentConfig({ memoryMb: 3_538, fleet: { max: 20, memoryMb: 1_769 } });

/** What the stacks put into a package of this deployment. */
async function shippedFile(t: TestContext): Promise<string> {
  const file = join(await temporaryFolder(t), 'router.json');
  await writeFile(file, routerFile(config) ?? '');
  return file;
}

const statesOf = (file: string): readonly LiveState[] => readRouterStates(file, {});

test('what is synthesized twice is the same file, and another deployment has other ids', () => {
  assert.equal(routerFile(config), routerFile(config));
  const other = readDeploymentConfig({ memoryMb: 1_769 });
  assert.notEqual(routerFile(other), routerFile(config));
  assert.equal(routerFile(readDeploymentConfig({ region: 'xx-nowhere-1' })), undefined);
});

test('the states say what the config says', async (t) => {
  const [state] = statesOf(await shippedFile(t));
  assert.ok(state);
  const { inline, fleet, gpus } = state.router;
  assert.equal(fleet?.maxWidth, 20);
  // Each function is billed by its own memory.
  assert.ok(inline && Math.abs(inline.usdPerSecond / fleet.usdPerSecond - 2) < 1e-9);
  assert.deepEqual(
    gpus.map(({ pool, spot, onDemand }) => [pool, spot?.maxInstances, onDemand?.maxInstances]),
    ['g4dn.xlarge', 'g5.xlarge', 'g6.xlarge'].map((pool) => [pool, 8, 4]),
  );
});

test('a quote of an instance has its own price and its start, as the decision had it', async (t) => {
  const [state] = statesOf(await shippedFile(t));
  assert.ok(state);
  const ask = { items: 1_000_000, bytes: 1e8, deadlineMs: undefined, maxUsd: undefined } as const;
  const { request, candidates } = decideLive({ ...ask, lane: undefined, accepts: 'job' }, state);
  const onDemand = candidates.filter(({ plan }) => plan.kind === 'on-demand');

  assert.ok(new Set(onDemand.map(({ plan }) => 'pool' in plan && plan.pool)).size === 3);
  for (const { plan, usd } of onDemand) {
    const quoted = quotePlan(plan, request, state).usd;
    // The rest is bookkeeping, which a quote counts by the part.
    assert.ok(Math.abs(quoted / usd - 1) < 0.05, `${JSON.stringify(plan)}: ${quoted} for ${usd}`);
  }
});

test('the states say how old their prices are', async (t) => {
  const [state] = statesOf(await shippedFile(t));
  const notes = state?.router.assumptions.join('; ') ?? '';
  assert.match(notes, /us-east-1: list prices of 20\d\d-\d\d-\d\d or later, spot prices of 20/);
});

test('a deployed answer names a state, and the explanation by its id is the same route', async (t) => {
  const { handler, inference } = await openInferenceFunction({
    SWITCHYARD_METRICS_NAMESPACE: 'Switchyard/test',
    SWITCHYARD_MODELS: modelsFolder,
    SWITCHYARD_JOBS_FUNCTION: 'arn:aws:lambda:us-east-1:000000000000:function:jobs:live',
    SWITCHYARD_ROUTER: await shippedFile(t),
  });
  t.after(() => inference.close());
  const post = async (resource: string, body: unknown) =>
    asResult(await handler(restEvent({ method: 'POST', resource, body }), lambdaContextOf()));
  const asked = { text: 'a gripping film', model: 'sst2-minilm', deadlineMs: 20_000 };

  const answer = bodyOf(await post('/predict', asked));
  assert.match(answer.route.stateId, /^rs-[0-9a-f]{24}$/);
  const question = { ...asked, stateId: answer.route.stateId };
  const explained = bodyOf(await post('/route:explain', question));
  const { lane, reason, stateId } = explained.route;
  assert.deepEqual({ lane, reason, stateId }, answer.route);
  assert.ok(explained.route.chosen.usd > 0);

  const late = await post('/predict', { ...asked, deadlineMs: 1 });
  assert.equal(bodyOf(late).code, 'deadline_infeasible');
  const dear = await post('/predict', { text: asked.text, model: asked.model, maxUsd: 1e-12 });
  assert.equal(bodyOf(dear).code, 'price_limit_exceeded');
  const quotes = await post('/quotes', { model: 'sst2-minilm', items: 100_000, bytes: 8_000_000 });
  assert.equal(quotes.statusCode, 200, quotes.body);
});

test('a job gets lane, width and quote, and they survive the call between the functions', async (t) => {
  const router = createShippedRouter(statesOf(await shippedFile(t)), async () => undefined);
  const free = { lane: undefined, deadlineMs: undefined, maxUsd: undefined, maxWorkers: undefined };
  const size = { items: 50_000, bytes: 4_000_000 };
  const route = await createJobRouting(router)({
    tenant: 'a',
    model: 'sst2-minilm',
    ...size,
    ...free,
  });
  assert.ok(route.workers >= 1 && route.workers <= 20);
  assert.ok(route.quote.usd > 0 && route.quote.finishSeconds > 0);

  const calls: unknown[] = [];
  const starter = createRemoteJobStarter({
    functionName: 'jobs',
    invoker: {
      call: async (_name, payload) => {
        calls.push(JSON.parse(JSON.stringify(payload)));
        return { ok: true, created: true, job: { id: 'job_a' } };
      },
    },
  });
  const body = { model: 'sst2-minilm', items: [{ text: 'a' }], options: {} };
  await starter.create({ tenant: 'a', requestId: 'r', body, route });
  assert.deepEqual(startJobCallSchema.parse(calls[0]).route, route);
});

test('a state is found after another deployment, and an id that never was is not', async (t) => {
  const file = await shippedFile(t);
  const objectStore = createMemoryObjectStore();
  await keepShippedStates(objectStore, { SWITCHYARD_ROUTER: file }, {});
  await keepShippedStates(objectStore, { SWITCHYARD_ROUTER: file }, {});
  const kept = new RouterStates(objectStore);
  const findOlder = createRemoteStates({
    functionName: 'jobs',
    invoker: {
      call: async (_name, payload) => {
        const { stateId } = payload as { readonly stateId: string };
        return JSON.parse(JSON.stringify({ state: await kept.find(stateId) }));
      },
    },
  });
  const next = createShippedRouter([], findOlder);
  for (const state of statesOf(file)) {
    assert.deepEqual(await next.findState(state.router.stateId), state);
  }
  assert.equal(await next.findState(`rs-${'0'.repeat(24)}`), undefined);
});

test('a state has the same id whether the stacks or a router put it together', async () => {
  const states = new RouterStates(createMemoryObjectStore());
  const shipped: LiveState[] = JSON.parse(routerFile(config) ?? '[]');

  assert.ok(shipped.length > 0);
  for (const { router, ...rest } of shipped) {
    const { stateId, ...content } = router;
    // Nor does the order of the fields matter, or when it was taken.
    const shuffled = Object.fromEntries(Object.entries(content).reverse()) as typeof content;
    const taken = { ...shuffled, takenAt: '2026-11-25T00:00:00.000Z' };
    assert.equal((await states.keep({ ...rest, router: taken })).router.stateId, stateId);
  }
});
