import * as z from 'zod';
import { type Lane, laneSchema } from '#core/contract/lane.ts';
import { assertSubmission } from '#core/jobs/submission-limits.ts';
import type { JobQueue, SubmissionState, WorkerPool } from '#core/ports/job-queue.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, readJsonObject } from '../records/read-json-object.ts';

export interface LaneJobQueueOptions {
  readonly objectStore: ObjectStore;
  /** The queue of each lane; several lanes may share one only if no submission uses both. */
  readonly queues: Readonly<Record<Exclude<Lane, 'cpu'>, JobQueue>>;
}

/** Which lanes a submission was put into, in the order in which its workers are numbered. */
const poolsSchema = z.array(
  z.strictObject({
    lane: laneSchema,
    workers: z.int().min(1),
    environment: z.record(z.string(), z.string()).optional(),
  }),
);

const poolsKey = (name: string) => `work/submissions/pools/${name}.json`;

/**
 * One queue in front of the queues of the lanes. A submission may have workers in several of them: they
 * are numbered through, run the same loop on the same shards, and end together.
 */
export function createLaneJobQueue(options: LaneJobQueueOptions): JobQueue {
  const { objectStore, queues } = options;
  const queueOf = (lane: Lane) => queues[lane === 'cpu' ? 'cpu-fleet' : lane];
  const poolsOf = (name: string) => readJsonObject(objectStore, poolsKey(name), poolsSchema);

  return {
    async submit(submission) {
      assertSubmission(submission);
      const { name, workers, environment } = submission;
      const wanted = submission.pools ?? [{ lane: 'cpu-fleet', workers }];
      // Of submitters that disagree the first one stands.
      await objectStore.putIfAbsent(poolsKey(name), encodeJson(wanted));
      const pools = (await poolsOf(name)) ?? wanted;
      const offsets = offsetsOf(pools);
      const submitted = await Promise.allSettled(
        pools.map(({ lane, workers: size, environment: more }, at) => {
          const place = { SWITCHYARD_ARRAY_OFFSET: String(offsets[at]), SWITCHYARD_LANE: lane };
          const own = { name, workers: size, environment: { ...environment, ...more, ...place } };
          return queueOf(lane).submit(own);
        }),
      );
      // One lane that takes nothing must not keep the others from working: what it was to get is
      // submitted again once they have ended.
      const isTaken = submitted.some(({ status }) => status === 'fulfilled');
      const refused = submitted.find((each) => each.status === 'rejected');
      if (!isTaken && refused !== undefined) throw refused.reason;
    },
    async describe(name) {
      const pools = await poolsOf(name);
      if (pools === undefined) return undefined;
      const states = await Promise.all(pools.map(({ lane }) => queueOf(lane).describe(name)));
      return merge(pools, states);
    },
    async terminate(name, reason) {
      const pools = (await poolsOf(name)) ?? [];
      await Promise.all(pools.map(({ lane }) => queueOf(lane).terminate(name, reason)));
    },
  };
}

/**
 * Live while one pool is. A pool that its queue does not know makes the whole one unknown where no
 * other pool lives, so that it is submitted again.
 */
function merge(
  pools: readonly WorkerPool[],
  states: readonly (SubmissionState | undefined)[],
): SubmissionState | undefined {
  const known = states.filter((state) => state !== undefined);
  const workers = numberThrough(pools, states);
  const told = workers === undefined ? {} : { workers };
  if (known.some(({ status }) => status === 'running')) return { status: 'running', ...told };
  if (known.some(({ status }) => status === 'queued')) {
    const isWaiting = known.every(({ status }) => status === 'queued');
    return { status: isWaiting ? 'queued' : 'running', ...told };
  }
  if (known.length < pools.length) return undefined;
  const failed = known.find((state) => state.status === 'failed');
  return { ...(failed ?? { status: 'succeeded' }), ...told };
}

function numberThrough(
  pools: readonly WorkerPool[],
  states: readonly (SubmissionState | undefined)[],
): SubmissionState['workers'] {
  const offsets = offsetsOf(pools);
  const all = pools.map((_, at) =>
    states[at]?.workers?.map((worker) => ({
      ...worker,
      arrayIndex: (offsets[at] ?? 0) + worker.arrayIndex,
    })),
  );
  return all.some((workers) => workers === undefined)
    ? undefined
    : all.flatMap((workers) => workers ?? []);
}

/** How many workers stand in the pools before each one. */
function offsetsOf(pools: readonly WorkerPool[]): readonly number[] {
  return pools.map((_, at) => pools.slice(0, at).reduce((sum, { workers }) => sum + workers, 0));
}
