import type { Limits } from '#core/contract/limits.ts';
import { attemptIdOf, type WorkerIdentity } from '#core/jobs/claim.ts';
import { jobKeys, shardUnit } from '#core/jobs/job-keys.ts';
import type { JobPlan } from '#core/jobs/job-plan.ts';
import { type JobRecord, jobRecordSchema } from '#core/jobs/job-record.ts';
import { shardOrder } from '#core/jobs/shard-order.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { CellModel } from './cell-model.ts';
import { type Claim, Claimer } from './claim-unit.ts';
import { failJob } from './end-job.ts';
import { ShardInput } from './input/shard-input.ts';
import { listDoneShards, missingCells } from './job-parts.ts';
import { mergeJob } from './merge-job.ts';
import { ensurePlan } from './plan-job.ts';
import { countShard } from './read-committed.ts';
import { encodeJson, readJsonObject } from './read-json-object.ts';
import { runCell } from './run-cell.ts';

export interface WorkerContext {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly jobId: string;
  readonly worker: WorkerIdentity;
  /** Number of workers in this worker's array: spreads their first shards. */
  readonly arraySize: number;
  /** Opens the model of the job; called once, before the first row is touched. */
  readonly openModel: (job: JobRecord) => Promise<CellModel>;
  /** Fires when the worker should stop claiming, commit its cell and leave. */
  readonly drain: AbortSignal;
}

/**
 * The one work loop, the same in every lane: plan if nobody has, claim a shard, run and commit its
 * missing cells, mark it done, merge when all are done. Killing it at any instant loses nothing.
 *
 * `finished`: nothing is left to do or to claim. `drained`: asked to stop; a retry goes on from there.
 */
export async function runWorker(context: WorkerContext): Promise<'finished' | 'drained'> {
  const { objectStore, jobId } = context;
  const job = await readJsonObject(objectStore, jobKeys.record(jobId), jobRecordSchema);
  if (job === undefined) throw new SwitchyardError('job_not_found', `there is no job ${jobId}`);
  if (await isOver(context)) return 'finished';
  try {
    return await workOn(context, job);
  } catch (error) {
    if (!(error instanceof SwitchyardError) || !failsTheJob.has(error.code)) throw error;
    await failJob(context, job, error);
    return 'finished';
  }
}

// The input or the model is not what job.json pinned: no retry can change that.
const failsTheJob = new Set(['object_changed', 'object_not_found', 'model_invalid']);

async function workOn(context: WorkerContext, job: JobRecord): Promise<'finished' | 'drained'> {
  const claimer = new Claimer({ ...context, jobId: job.id });
  const model = await context.openModel(job);
  const plan = await ensurePlan(context, job, claimer, context.drain);
  if (plan === undefined) return 'drained';
  const state = { job, plan, model, claimer };
  for (const shard of shardOrder({ ...context.worker, ...context, shards: plan.shards.length })) {
    if (context.drain.aborted) return 'drained';
    if ((await workOnShard(context, state, shard)) === 'over') return 'finished';
  }
  if (context.drain.aborted) return 'drained';
  const done = await listDoneShards(context.objectStore, job.id);
  if (done.size === plan.shards.length) await mergeJob(context, { job, plan }, claimer);
  return 'finished';
}

interface WorkState {
  readonly job: JobRecord;
  readonly plan: JobPlan;
  readonly model: CellModel;
  readonly claimer: Claimer;
}

async function workOnShard(
  context: WorkerContext,
  state: WorkState,
  shard: number,
): Promise<'next' | 'over'> {
  const doneKey = jobKeys.done(state.job.id, shard);
  if ((await context.objectStore.head(doneKey)) !== undefined) return 'next';
  const claim = await state.claimer.tryClaim(shardUnit(shard));
  if (claim === undefined) return 'next';
  let isDone = false;
  try {
    const end = await commitMissingCells(context, state, { shard, claim });
    if (end !== 'done') return end === 'over' ? 'over' : 'next';
    const counts = await countShard(context.objectStore, state, shard);
    await context.objectStore.putIfAbsent(doneKey, encodeJson(counts));
    isDone = true;
    return 'next';
  } finally {
    await (isDone ? claim.finish() : claim.release());
  }
}

async function commitMissingCells(
  context: WorkerContext,
  state: WorkState,
  unit: { readonly shard: number; readonly claim: Claim },
): Promise<'done' | 'stopped' | 'over'> {
  const { job, plan, model } = state;
  const attemptId = attemptIdOf(context.worker);
  await using input = new ShardInput({ ...context, job, plan });
  for (const cell of await missingCells(context.objectStore, { id: job.id, plan }, unit.shard)) {
    if (context.drain.aborted || unit.claim.lost.aborted) return 'stopped';
    if (await isOver(context)) return 'over';
    await runCell({ ...context, job, model, attemptId, input }, cell);
  }
  return 'done';
}

/** True once the job was cancelled or ended; checked before every cell. */
async function isOver(context: WorkerContext): Promise<boolean> {
  const { objectStore, jobId } = context;
  const [cancel, end] = await Promise.all([
    objectStore.head(jobKeys.cancel(jobId)),
    objectStore.head(jobKeys.end(jobId)),
  ]);
  return cancel !== undefined || end !== undefined;
}
