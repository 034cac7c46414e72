import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import type { JobQueue, WorkerSubmission } from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { runWorker } from '#work/worker/run-worker.ts';
import {
  type MemoryDeployment,
  startMemoryDeployment,
  testModel,
} from '../../fixtures/life/memory-deployment.ts';
import type { MemoryQueue } from '../../fixtures/life/memory-queue.ts';
import {
  recordOf,
  rowsOf,
  settle,
  submitRows,
  textOf,
  viewOf,
} from '../../fixtures/life/settle.ts';

const route: JobRoute = {
  stateId: 'rs-test-0001',
  reason: 'only-mixed-on-time',
  lane: 'gpu-on-demand',
  workers: 3,
  items: 200,
  tokens: 2_000,
  quote: { usd: 0.02, finishSeconds: 400, onTime: true },
  pools: [
    { lane: 'gpu-on-demand', workers: 1 },
    { lane: 'cpu-fleet', workers: 2 },
  ],
  mixed: true,
};

const gpu = {
  version: '1',
  variant: 'gpu-fp16',
  sha256: 'cd'.repeat(32),
  provider: 'cuda',
} as const;
const cpu = {
  version: '1',
  variant: 'cpu-int8',
  sha256: 'ab'.repeat(32),
  provider: 'cpu',
} as const;

async function startMixed(
  change: Partial<JobRoute> = {},
  options: Partial<Parameters<typeof startMemoryDeployment>[0]> = {},
) {
  const submitted: WorkerSubmission[] = [];
  const plain = startMemoryDeployment({
    describe: (lane) => (lane.startsWith('gpu') ? gpu : cpu),
    wrapQueue: (queue: MemoryQueue) => ({
      submit: async (submission) => {
        submitted.push(submission);
        await queue.submit(submission);
      },
      describe: (name) => queue.describe(name),
      terminate: (name) => queue.terminate(name),
    }),
    ...options,
  });
  const ports = { ...plain.ports, routeJob: async () => ({ ...route, ...change }) };
  const deployment: MemoryDeployment = { ...plain, ports };
  const { id } = await submitRows(deployment, rowsOf(200));
  return { deployment, id, submitted };
}

async function outputOf(deployment: MemoryDeployment, id: string) {
  const { output } = await recordOf(deployment, id);
  const results = await textOf(deployment, `${output.prefix}results.jsonl`);
  const manifest = JSON.parse(await textOf(deployment, `${output.prefix}manifest.json`));
  const lines = results
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { lines, manifest };
}

test('a mixed job runs in both lanes; each line says its variant, and the manifest all of them', async () => {
  // Each lane waits for the other's first cell, so that neither does everything.
  const ran = new Map([
    ['gpu-fp16', Promise.withResolvers<void>()],
    ['cpu-int8', Promise.withResolvers<void>()],
  ]);
  const { deployment, id, submitted } = await startMixed(
    {},
    {
      beforeRun: async (_jobId, _texts, variant) => {
        ran.get(variant)?.resolve();
        await Promise.all([...ran.values()].map(({ promise }) => promise));
      },
    },
  );

  const { status, error } = await settle(deployment, id);
  assert.equal(status, 'completed', JSON.stringify(error));

  const [submission] = submitted;
  assert.deepEqual(
    submission?.pools?.map(({ lane, environment }) => [lane, environment]),
    [
      ['gpu-on-demand', { SWITCHYARD_PROVIDER: 'cuda' }],
      ['cpu-fleet', { SWITCHYARD_PROVIDER: 'cpu' }],
    ],
  );
  const { lines, manifest } = await outputOf(deployment, id);
  assert.deepEqual(
    lines.map(({ index }) => index),
    [...lines.keys()],
  );
  const variants = new Set(lines.map(({ variant }) => variant));
  assert.deepEqual([...variants].toSorted(), ['cpu-int8', 'gpu-fp16']);
  assert.deepEqual(manifest.variants, ['cpu-int8', 'gpu-fp16']);
  assert.deepEqual(manifest.mixed, [
    { variant: cpu.variant, sha256: cpu.sha256 },
    { variant: gpu.variant, sha256: gpu.sha256 },
  ]);
  assert.deepEqual(manifest.providers, ['cpu', 'cuda']);
  assert.deepEqual(manifest.lanes, ['cpu-fleet', 'gpu-on-demand']);
});

test('a job of one variant says it in no line', async () => {
  const { pools: _, mixed: __, ...pure } = route;
  const plain = startMemoryDeployment();
  const ports = { ...plain.ports, routeJob: async () => pure };
  const deployment: MemoryDeployment = { ...plain, ports };
  const { id } = await submitRows(deployment, rowsOf(20));
  assert.equal((await settle(deployment, id)).status, 'completed');

  const { lines } = await outputOf(deployment, id);

  assert.ok(lines.every((line) => !('variant' in line)));
  assert.equal((await recordOf(deployment, id)).mixed, undefined);
});

test('a fleet that bridges the boot leaves at the cell after the instance has begun', async () => {
  const { deployment, id, submitted } = await startMixed({ fleetLeaves: true });
  const { objectStore, limits } = deployment.ports;
  const leaver = { ...deployment.ports, jobQueue: neverStarts(submitted) };
  await reconcileJob(leaver, id);
  const [fleet] = submitted[0]?.pools?.filter(({ lane }) => lane === 'cpu-fleet') ?? [];
  assert.equal(fleet?.environment?.['SWITCHYARD_LEAVES_TO'], '1');
  let nowMillis = 0;
  let cells = 0;
  const runFleetWorker = () =>
    runWorker({
      objectStore,
      limits,
      clock: { ...deployment.ports.clock, monotonicMillis: () => nowMillis },
      jobId: id,
      worker: { submission: `${id}-1`, arrayIndex: 1, attempt: 1, generation: 1 },
      lane: 'cpu-fleet',
      arraySize: 3,
      leavesTo: 1,
      openModel: async (job) =>
        testModel(async () => {
          cells += 1;
          if (cells === 3) await begin(objectStore, id);
          nowMillis += 6_000;
        }, job),
      drain: new AbortController().signal,
    });

  assert.equal(await runFleetWorker(), 'finished');

  // The instance begins during the third cell; a look every 10 s sees it before the fifth.
  assert.ok(cells >= 3 && cells <= 5, `${cells} cells`);
  assert.equal((await viewOf(deployment, id)).status, 'running');
});

/** A queue that takes everything and starts nothing. */
function neverStarts(submitted: WorkerSubmission[]): JobQueue {
  return {
    submit: async (submission) => {
      submitted.push(submission);
    },
    describe: async () => ({ status: 'queued' }),
    terminate: async () => undefined,
  };
}

/** What the first worker of a submission writes when it begins. */
async function begin(objectStore: ObjectStore, id: string): Promise<void> {
  const key = jobKeys.attempt(id, `${id}-1-0-1`, 'started');
  await objectStore.putIfAbsent(key, new TextEncoder().encode('{}'));
}
