import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import type { JobQueue, WorkerSubmission } from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { createJob } from '#work/accept/create-job.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { runWorker } from '#work/worker/run-worker.ts';
import { runSeed, seededRandom } from '../../fixtures/harness/random.ts';
import {
  startMemoryDeployment,
  testModel,
  WorkerExit,
} from '../../fixtures/life/memory-deployment.ts';
import { rowsOf, tenant } from '../../fixtures/life/settle.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import { CrashPlan, type CrashSide, mortalStore } from './mortal-store.ts';

const MOST_LIVES = 12;
const items = [...rowsOf(24), { text: 7 as unknown as string }, ...rowsOf(15, 'more')];

interface World {
  readonly store: ObjectStore;
  readonly plan: CrashPlan;
  /** What the queue was given; it outlives every process, as AWS Batch does. */
  readonly submissions: Map<string, WorkerSubmission & { attempt: number; ended: boolean }>;
}

/** The server's ports, as its next start has them. */
function serverPorts(world: World, generation: number): JobPorts {
  const objectStore = mortalStore(world.store, world.plan);
  const { ports } = startMemoryDeployment({ objectStore, workers: 1, cellBytes: 200 });
  const jobQueue: JobQueue = {
    submit: async (submission) => {
      if (world.submissions.has(submission.name)) return;
      world.submissions.set(submission.name, { ...submission, attempt: 0, ended: false });
    },
    describe: async (name) => {
      const known = world.submissions.get(name);
      if (known === undefined) return undefined;
      return { status: known.ended ? 'succeeded' : 'running' };
    },
    terminate: async (name) => {
      const known = world.submissions.get(name);
      if (known !== undefined) known.ended = true;
    },
  };
  return { ...ports, jobQueue, settings: { ...ports.settings, generation } };
}

/** Lives the same step again, in a new process each time, until one survives it. */
async function survive<T>(act: (life: number) => Promise<T>): Promise<T> {
  for (let life = 1; life <= MOST_LIVES; life += 1) {
    try {
      return await act(life);
    } catch (error) {
      if (!(error instanceof WorkerExit)) throw error;
    }
  }
  return assert.fail(`no process survived ${MOST_LIVES} lives`);
}

async function workOff(world: World, jobId: string): Promise<void> {
  const { ports } = startMemoryDeployment();
  for (const submission of world.submissions.values()) {
    if (submission.ended) continue;
    await survive(async () => {
      submission.attempt += 1;
      return await runWorker({
        objectStore: mortalStore(world.store, world.plan),
        clock: systemClock,
        limits: ports.limits,
        jobId,
        worker: {
          submission: submission.name,
          arrayIndex: 0,
          attempt: submission.attempt,
          generation: Number(submission.environment['SWITCHYARD_GENERATION']),
        },
        arraySize: 1,
        openModel: async () => testModel(() => {}),
        drain: new AbortController().signal,
      });
    });
    submission.ended = true;
  }
}

/** One job from its submission to the end of its books, whoever dies in between. */
async function runJob(points: readonly number[], side: CrashSide) {
  const plan = new CrashPlan(points, side);
  const world: World = { store: createMemoryObjectStore(), plan, submissions: new Map() };
  const body = { model: 'sst2-minilm', items, options: { output: 'csv' as const } };
  const request = { tenant, requestId: 'request', idempotencyKey: 'key', body };
  const { job } = await survive((life) => createJob(serverPorts(world, life), request));
  for (let round = 1; round <= MOST_LIVES; round += 1) {
    const end = await survive((life) => reconcileJob(serverPorts(world, round + life), job.id));
    if (end === 'ended') return { world, job };
    await workOff(world, job.id);
  }
  return assert.fail(`the job has not ended after ${MOST_LIVES} rounds`);
}

async function outcomeOf({ world, job }: Awaited<ReturnType<typeof runJob>>) {
  const keys: string[] = [];
  for (const bucket of ['bucket/', 'work/']) {
    for await (const { key } of world.store.list(bucket)) keys.push(key);
  }
  const text = async (name: string) => {
    const bytes = await world.store.read(job.output.prefix + name);
    return new TextDecoder().decode(bytes ?? assert.fail(`there is no ${name}`));
  };
  const files = Object.fromEntries(
    await Promise.all(
      ['results.jsonl', 'errors.jsonl', 'results.csv'].map(async (name) => [
        name,
        await text(name),
      ]),
    ),
  );
  const { counts } = JSON.parse(await text(outputFiles.manifest)) as { counts: object };
  return {
    files,
    counts,
    output: keys.filter((key) => key.startsWith('bucket/')),
    active: keys.filter((key) => key.startsWith(jobKeys.actives)),
    strays: keys.filter((key) => !key.includes(job.id)),
    parts: keys.filter((key) => key.includes('/parts/')),
  };
}

const undisturbed = await runJob([], 'before');
const expected = await outcomeOf(undisturbed);
const { steps } = undisturbed.world.plan;

test('6.3 #4 the undisturbed run has every kind of step a process can die at', () => {
  const kinds = ['job.json', '/input', 'work/active', 'work/index', '/submissions/', '/plan.json'];
  const later = ['/claims/', '/parts/', '/done/', 'results.jsonl', 'errors.jsonl', 'results.csv'];
  const last = ['manifest.json', '/end.json', '_SUCCESS', 'work/expiry', '/attempts/'];
  for (const kind of [...kinds, ...later, ...last]) {
    assert.ok(
      steps.some((step) => step.includes(kind)),
      `no step writes ${kind}`,
    );
  }
  assert.deepEqual(expected.counts, { total: 40, completed: 39, failed: 1 });
  assert.equal(expected.output.filter((key) => key.endsWith('_SUCCESS')).length, 1);
  assert.deepEqual([expected.active, expected.strays], [[], []]);
  assert.ok(expected.parts.length > 4);
});

for (const side of ['before', 'after'] as const) {
  test(`6.3 #4 a crash ${side} every write of a job changes nothing`, async (t) => {
    for (let point = 1; point <= steps.length; point += 1) {
      const run = await runJob([point], side);
      assert.equal(run.world.plan.deaths, 1, `nobody died at step ${point}`);
      assert.deepEqual(await outcomeOf(run), expected, `${side} ${steps[point - 1]}`);
    }
    t.diagnostic(`6.3 #4: ${steps.length} steps, a death ${side} each; 0 rows lost or doubled`);
  });
}

test('6.3 #4 several crashes in one job change nothing', async (t) => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const dose = 60;
  let deaths = 0;
  for (let round = 0; round < dose; round += 1) {
    const points = Array.from({ length: 4 }, () => 1 + random.below(steps.length + 4));
    const side = random.below(2) === 0 ? 'before' : 'after';
    const run = await runJob(points, side);
    deaths += run.world.plan.deaths;
    assert.deepEqual(await outcomeOf(run), expected, `seed ${seed}: ${side} ${points}`);
  }
  assert.ok(deaths > dose);
  t.diagnostic(`6.3 #4: seed ${seed}, ${dose} jobs, ${deaths} deaths; 0 rows lost or doubled`);
});
