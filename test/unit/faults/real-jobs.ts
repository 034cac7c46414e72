import assert from 'node:assert/strict';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { CellModel } from '#work/worker/cell-model.ts';
import { runWorker } from '#work/worker/run-worker.ts';
import {
  type MemoryDeployment,
  startMemoryDeployment,
  testModel,
} from '../../fixtures/life/memory-deployment.ts';
import { keysBelow, recordOf, rowsOf, submitRows, textOf } from '../../fixtures/life/settle.ts';

/** Time that runs 1,000 times as fast: an expiry of 30 s takes 30 ms. */
const SPEED = 1_000;

export interface ClockFaults {
  /** How fast the clock of this process runs. @default 1 */
  readonly rate?: number;
  /** What is added to the wall clock at each look, in milliseconds. @default 0 */
  readonly wallJump?: () => number;
  /** What is added to the monotonic clock at each look, in milliseconds. @default 0 */
  readonly steadyJump?: () => number;
}

export function fastClock(faults: ClockFaults = {}): Clock {
  const { rate = 1, wallJump = () => 0, steadyJump = () => 0 } = faults;
  return {
    epochMillis: () => Date.now() + wallJump(),
    monotonicMillis: () => performance.now() * SPEED * rate + steadyJump(),
    sleep: (millis, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted) return resolve();
        const timer = setTimeout(end, millis / SPEED / rate);
        signal?.addEventListener('abort', end, { once: true });
        function end(): void {
          clearTimeout(timer);
          signal?.removeEventListener('abort', end);
          resolve();
        }
      }),
  };
}

/** 40 rows, one of them bad, in about 8 cells, each its own shard. */
export async function submitJob(deployment: MemoryDeployment, name = 'row'): Promise<string> {
  const items = [...rowsOf(39, name), { text: 7 }];
  return (await submitRows(deployment, items)).id;
}

export function openDeployment(objectStore?: ObjectStore): MemoryDeployment {
  const store = objectStore === undefined ? {} : { objectStore };
  return startMemoryDeployment({ ...store, workers: 1, cellBytes: 200 });
}

/** One worker's whole life, on the clock and the model it is given. */
export async function work(
  { ports }: Pick<MemoryDeployment, 'ports'>,
  jobId: string,
  place: {
    readonly arrayIndex?: number;
    readonly attempt?: number;
    readonly generation?: number;
    readonly arraySize?: number;
    readonly clock?: Clock;
    readonly model?: CellModel;
    readonly objectStore?: ObjectStore;
  } = {},
): Promise<'finished' | 'drained'> {
  const { arrayIndex = 0, attempt = 1, generation = 1 } = place;
  return await runWorker({
    objectStore: place.objectStore ?? ports.objectStore,
    clock: place.clock ?? fastClock(),
    limits: ports.limits,
    jobId,
    worker: { submission: `${jobId}-1`, arrayIndex, attempt, generation },
    arraySize: place.arraySize ?? 1,
    openModel: async () => place.model ?? testModel(() => {}),
    drain: new AbortController().signal,
  });
}

export interface Files {
  readonly results: string;
  readonly errors: string;
}

/** Both files of a completed job; fails unless it has its one mark. */
export async function filesOf(deployment: MemoryDeployment, jobId: string): Promise<Files> {
  const { output } = await recordOf(deployment, jobId);
  const keys = await keysBelow(deployment, output.prefix);
  const marks = keys.filter((key) => /_(SUCCESS|FAILED)$/.test(key));
  assert.deepEqual(marks, [output.prefix + outputFiles.success]);
  const results = await textOf(deployment, output.prefix + outputFiles.results);
  const errors = await textOf(deployment, output.prefix + outputFiles.errors);
  return { results, errors };
}

/** What the same rows give where nothing goes wrong. */
export async function undisturbedFiles(name = 'row'): Promise<Files> {
  const deployment = openDeployment();
  const jobId = await submitJob(deployment, name);
  await work(deployment, jobId);
  return await filesOf(deployment, jobId);
}

export async function partKeys(deployment: MemoryDeployment, jobId: string): Promise<string[]> {
  return await keysBelow(deployment, jobKeys.shardParts(jobId, 0).replace(/\d+\/$/, ''));
}

export async function bytesOf({ ports }: MemoryDeployment, key: string): Promise<Uint8Array> {
  return (await ports.objectStore.read(key)) ?? assert.fail(`there is no ${key}`);
}

/** Leaves so much of an object, as a failing disk would. */
export async function cutObject(
  deployment: MemoryDeployment,
  key: string,
  share: number,
): Promise<void> {
  const bytes = await bytesOf(deployment, key);
  await deployment.ports.objectStore.put(key, bytes.subarray(0, Math.floor(share * bytes.length)));
}
