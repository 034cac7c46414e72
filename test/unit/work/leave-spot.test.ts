import assert from 'node:assert/strict';
import { test } from 'node:test';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import { totalUsd } from '#core/cost/ledger-total.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { sumUsd } from '#core/cost/usd.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import { hostTerminated } from '#core/jobs/retry-rules.ts';
import type {
  JobQueue,
  SubmissionState,
  WorkerState,
  WorkerSubmission,
} from '#core/ports/job-queue.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { createMemoryLedger } from '../../fixtures/cost/memory-ledger.ts';
import { splitUsd } from '../../fixtures/cost/split-usd.ts';
import {
  type MemoryDeployment,
  startMemoryDeployment,
} from '../../fixtures/life/memory-deployment.ts';
import type { MemoryQueue } from '../../fixtures/life/memory-queue.ts';
import { rowsOf, settle, submitRows, viewOf } from '../../fixtures/life/settle.ts';

// A market that the test moves, and a clock that it moves: no test waits for time.

const HOUR_MILLIS = 3_600_000;
const route: JobRoute = {
  stateId: 'rs-test-0001',
  reason: 'cheapest-on-time',
  lane: 'gpu-spot',
  workers: 2,
  items: 40,
  tokens: 400,
  quote: { usd: 0.02, finishSeconds: 3_600, onTime: true },
  net: {
    ...{ lane: 'gpu-on-demand', workers: 2, bySeconds: 3_600, startSeconds: 600 },
    ...{ runSeconds: 1_000, spotRunSeconds: 1_000, spotSetupSeconds: 300 },
    ...{ overheadSeconds: 10, lookSeconds: 60 },
  },
};

/** On demand there is always capacity; on spot what the test says of each worker. */
class Market {
  readonly submissions: WorkerSubmission[] = [];
  readonly terminated: string[] = [];
  spot: Pick<WorkerState, 'status' | 'attempts'> = { status: 'RUNNABLE', attempts: [] };
  #onDemand: MemoryQueue | undefined;

  wrap(onDemand: MemoryQueue): JobQueue {
    this.#onDemand = onDemand;
    return {
      submit: async (submission) => {
        if (this.submissions.some(({ name }) => name === submission.name)) return;
        this.submissions.push(submission);
        if (!usesSpot(submission)) await onDemand.submit(submission);
      },
      describe: async (name) => this.#describe(name),
      terminate: async (name) => {
        this.terminated.push(name);
        await onDemand.terminate(name);
      },
    };
  }

  async #describe(name: string): Promise<SubmissionState | undefined> {
    const submission = this.submissions.find((each) => each.name === name);
    if (submission === undefined || !usesSpot(submission)) {
      return await this.#onDemand?.describe(name);
    }
    if (this.terminated.includes(name)) {
      return { status: 'failed', exitCode: undefined, reason: 'terminated' };
    }
    const workers = Array.from({ length: submission.workers }, (_, arrayIndex) => {
      return { arrayIndex, statusReason: undefined, ...this.spot };
    });
    return { status: this.spot.status === 'RUNNING' ? 'running' : 'queued', workers };
  }
}

function usesSpot({ pools = [] }: WorkerSubmission): boolean {
  return pools.some(({ lane }) => lane === 'gpu-spot');
}

const lanesOf = ({ submissions }: Market) =>
  submissions.map(({ pools = [] }) => pools.map(({ lane }) => lane).join('+'));

async function startOnSpot(taken: JobRoute = route) {
  const market = new Market();
  const options = { wrapQueue: (queue: MemoryQueue) => market.wrap(queue) };
  const plain = startMemoryDeployment(options);
  const ports = { ...plain.ports, routeJob: async () => taken };
  const deployment: MemoryDeployment = { ...plain, ports };
  const { id } = await submitRows(deployment, rowsOf(40));
  await reconcileJob(ports, id);
  return { market, deployment, id };
}

test('a job that waits in vain goes to on demand when its net is due, once, whoever looks', async () => {
  const { market, deployment, id } = await startOnSpot();
  deployment.advance(1_600_000);
  await reconcileJob(deployment.ports, id);
  assert.deepEqual(lanesOf(market), ['gpu-spot']);
  assert.equal(market.terminated.length, 0);

  deployment.advance(60_000);
  await Promise.all(Array.from({ length: 5 }, () => reconcileJob(deployment.ports, id)));

  assert.deepEqual(lanesOf(market), ['gpu-spot', 'gpu-on-demand']);
  assert.ok(market.terminated.includes(`${id}-1`));
  const view = await settle(deployment, id);
  assert.equal(view.status, 'completed');
  assert.equal(market.submissions.length, 2);
});

test('a look that is cut off between the decision and what follows is finished by the next', async () => {
  const { market, deployment, id } = await startOnSpot();
  const { ports } = deployment;
  deployment.advance(2_000_000);
  const broken: JobQueue = {
    ...ports.jobQueue,
    terminate: () => Promise.reject(new Error('throttled')),
  };
  await assert.rejects(reconcileJob({ ...ports, jobQueue: broken }, id), /throttled/);
  assert.ok(await ports.objectStore.head(jobKeys.leftSpot(id)));
  assert.deepEqual(lanesOf(market), ['gpu-spot']);

  await reconcileJob(ports, id);

  assert.deepEqual(lanesOf(market), ['gpu-spot', 'gpu-on-demand']);
  assert.deepEqual(market.terminated, [`${id}-1`]);
  assert.equal((await settle(deployment, id)).status, 'completed');
});

test('a worker that works on spot goes on beside the net, and keeps what it holds', async () => {
  const { market, deployment, id } = await startOnSpot();
  market.spot = { status: 'RUNNING', attempts: [] };
  deployment.advance(1_900_000);
  await reconcileJob(deployment.ports, id);
  assert.deepEqual(lanesOf(market), ['gpu-spot']);

  deployment.advance(60_000);
  await reconcileJob(deployment.ports, id);
  await reconcileJob(deployment.ports, id);

  assert.deepEqual(lanesOf(market), ['gpu-spot', 'gpu-on-demand']);
  assert.equal(market.terminated.length, 0);
  const [, net] = market.submissions;
  assert.equal(net?.environment['SWITCHYARD_BESIDE'], '1');
  assert.equal((await settle(deployment, id)).status, 'completed');
  // What still ran on spot was ended with the job.
  assert.ok(market.terminated.includes(`${id}-1`));
});

test('what is left on spot when the net has ended is waited for while it works, not when it waits', async () => {
  const { market, deployment, id } = await startOnSpot();
  const { ports } = deployment;
  market.spot = { status: 'RUNNING', attempts: [] };
  deployment.advance(2_000_000);
  // The net's workers end at once, as where somebody else holds all that is left.
  const idle: JobQueue = {
    ...ports.jobQueue,
    submit: async (submission) => {
      market.submissions.push(submission);
    },
    describe: async (name) =>
      name === `${id}-2` ? { status: 'succeeded' } : await ports.jobQueue.describe(name),
  };
  const here = { ...ports, jobQueue: idle };
  await reconcileJob(here, id);
  assert.equal(await reconcileJob(here, id), 'working');
  assert.equal(market.submissions.length, 2);

  market.spot = { status: 'RUNNABLE', attempts: [] };
  assert.equal(await reconcileJob(here, id), 'submitted');
  assert.deepEqual(lanesOf(market), ['gpu-spot', 'gpu-on-demand', 'gpu-on-demand']);
  assert.deepEqual(market.terminated, [`${id}-1`]);
});

test('three lost instances per worker end the wait even where no time is to be kept', async () => {
  const { net: _, ...withoutNet } = route;
  const { market, deployment, id } = await startOnSpot(withoutNet);
  const lost = { exitCode: undefined, statusReason: hostTerminated('i-1'), reason: undefined };
  market.spot = { status: 'RUNNABLE', attempts: [lost, lost] };
  deployment.advance(100 * HOUR_MILLIS);
  await reconcileJob(deployment.ports, id);
  assert.deepEqual(lanesOf(market), ['gpu-spot']);

  market.spot = { status: 'RUNNABLE', attempts: [lost, lost, lost] };
  await reconcileJob(deployment.ports, id);

  assert.deepEqual(lanesOf(market), ['gpu-spot', 'gpu-on-demand']);
});

test('the ledger has what each lane cost, and they add up', async () => {
  const { ledger, rows } = createMemoryLedger();
  const { market, deployment, id } = await startOnSpot();
  const place = { region: 'us-east-1', architecture: 'x86_64' } as const;
  const found = laneRatesOf(openShippedPrices({ today: '2026-11-24' }), place);
  assert.ok(found.kind === 'found');
  const charges = { ledger, rates: () => found.rates };
  const ports = { ...deployment.ports, charges };
  // A try on spot that was lost before it had committed anything.
  await ports.objectStore.putIfAbsent(
    jobKeys.attempt(id, `${id}-1-0-1`, 'started'),
    new TextEncoder().encode(
      JSON.stringify({
        ...{ attemptId: `${id}-1/0/1`, submission: `${id}-1`, arrayIndex: 0, attempt: 1 },
        ...{ startedAt: new Date(ports.clock.epochMillis()).toISOString(), lane: 'gpu-spot' },
      }),
    ),
  );
  deployment.advance(2_000_000);
  await reconcileJob(ports, id);
  await settle({ ...deployment, ports }, id);

  assert.deepEqual(lanesOf(market), ['gpu-spot', 'gpu-on-demand']);
  const byLane = splitUsd(rows, ({ lane }) => lane);
  assert.deepEqual([...byLane.keys()].toSorted(), ['gpu-on-demand', 'gpu-spot']);
  assert.ok([...byLane.values()].every((usd) => usd.gt(0)));
  assert.equal(sumUsd(byLane.values()).toFixed(), totalUsd(rows).toFixed());
  assert.equal((await viewOf(deployment, id)).status, 'completed');
});
