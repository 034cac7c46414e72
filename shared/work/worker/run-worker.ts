import type { Limits } from '#core/contract/limits.ts';
import type { LaneRates } from '#core/cost/lane-rates.ts';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import { attemptIdOf, CLAIM_RENEW_MILLIS } from '#core/jobs/claim.ts';
import { jobKeys, mergeUnit, shardUnit } from '#core/jobs/job-keys.ts';
import type { JobPlan } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import { pinnedFor } from '#core/jobs/mixed-job.ts';
import { shardOrder } from '#core/jobs/shard-order.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { failJob, type RunningJob } from '../finish/end-job.ts';
import { mergeJob } from '../finish/merge-job.ts';
import { RowsAhead } from '../input/rows-ahead.ts';
import { ShardInput } from '../input/shard-input.ts';
import { listDoneShards, missingCells } from '../records/job-parts.ts';
import { readJobHead, readJobRecord } from '../records/job-records.ts';
import { countShard } from '../records/read-committed.ts';
import { encodeJson } from '../records/read-json-object.ts';
import { readRun } from '../records/read-run.ts';
import type { CellModel } from './cell-model.ts';
import { type Claim, Claimer } from './claim-unit.ts';
import { ensurePlan, readPlan } from './plan-job.ts';
import { type AttemptContext, AttemptRecorder } from './record-attempt.ts';
import { Relief } from './relief.ts';
import { runCell } from './run-cell.ts';

export interface WorkerContext extends AttemptContext {
  readonly limits: Limits;
  /**
   * Leaves once one of so many workers of its submission, the first ones, has begun.
   *
   * @default - stays to the end
   */
  readonly leavesTo?: number | undefined;
  /** Number of workers in this worker's array: spreads their first shards. */
  readonly arraySize: number;
  /** Opens the model of the job; called once, before the first row is touched. */
  readonly openModel: (job: JobRecord) => Promise<CellModel>;
  /** Fires when the worker should stop claiming, commit its cell and leave. */
  readonly drain: AbortSignal;
  /** Prices for the manifest, opened by whoever merges; without them its cost is not given. */
  readonly rates?: () => Promise<LaneRates | undefined>;
}

/**
 * The one work loop, the same in every lane: plan if nobody has, claim a shard, run and commit its
 * missing cells, mark it done, merge when all are done. Killing it at any instant loses nothing.
 *
 * `finished`: nothing is left that a living worker does not hold. `drained`: asked to stop; a retry goes on from there.
 */
export async function runWorker(context: WorkerContext): Promise<'finished' | 'drained'> {
  const { objectStore, jobId } = context;
  const head = await readJobHead(objectStore, jobId);
  if (head === undefined) throw noJob(jobId);
  const { ordinal: run } = await readRun(objectStore, jobId);
  if (await isOver(context, run)) return 'finished';
  const attempt = await AttemptRecorder.start(context);
  try {
    const job = await readJobRecord(objectStore, jobId);
    if (job === undefined) throw noJob(jobId);
    const pinned = { ...job, ...pinnedFor(job, context.lane ?? job.lane) };
    const openModel = async () => attempt.timed(await context.openModel(pinned));
    return await workOn({ ...context, openModel }, { job, run });
  } catch (error) {
    if (!(error instanceof SwitchyardError) || !endsTheJob(error)) throw error;
    await failJob(context, { job: head, run }, error);
    return 'finished';
  } finally {
    await attempt.end();
  }
}

function noJob(jobId: string): SwitchyardError {
  return new SwitchyardError('job_not_found', `there is no job ${jobId}`);
}

// By class, not by code, where the input is to blame: a damaged part has the code of a damaged input,
// and is simply made again.
function endsTheJob(error: SwitchyardError): boolean {
  return error instanceof UnusableInput || failsTheJob.has(error.code);
}

// The model is not what job.json pinned, or the machine cannot run the model: no retry
// can change that.
const failsTheJob = new Set(['model_invalid', 'invalid_rows', 'worker_failed']);

async function workOn(
  context: WorkerContext,
  { job, run }: RunningJob<JobRecord>,
): Promise<'finished' | 'drained'> {
  const claimer = new Claimer({ ...context, jobId: job.id });
  if (await mergeWhatIsDone(context, { job, run }, claimer)) return 'finished';
  const model = await context.openModel(job);
  const plan = await ensurePlan(context, job, claimer, context.drain);
  if (plan === undefined) return 'drained';
  const state = { job, run, plan, model, claimer, relief: new Relief(context) };
  for (;;) {
    const held = await workOnShards(context, state);
    if (!Array.isArray(held)) return held;
    // A worker may leave what another one is seen to work on. A claim that stands still may be that of
    // a dead worker: if everybody left then, nobody would be there when it expires.
    if (held.length > 0 && held.every((unit) => claimer.isSeenAlive(unit))) return 'finished';
    if (held.length > 0 && (await watch(context, run)) === 'over') return 'finished';
  }
}

/** Where only the merge is left, the model would be opened for nothing. */
async function mergeWhatIsDone(
  context: WorkerContext,
  { job, run }: RunningJob<JobRecord>,
  claimer: Claimer,
): Promise<boolean> {
  const plan = await readPlan(context.objectStore, job.id);
  if (plan === undefined) return false;
  const done = await listDoneShards(context.objectStore, job.id);
  if (done.size < plan.shards.length) return false;
  return (await mergeJob(context, { job, run, plan }, claimer)) === 'ended';
}

/** Long enough for a living owner to renew its claim. */
const WATCH_MILLIS = 1.2 * CLAIM_RENEW_MILLIS;
const WATCH_STEPS = 6;

/** Waits, so that the next look tells living owners from dead ones. */
async function watch(context: WorkerContext, run: number): Promise<'over' | 'on'> {
  for (let step = 0; step < WATCH_STEPS && !context.drain.aborted; step += 1) {
    await context.clock.sleep(WATCH_MILLIS / WATCH_STEPS, context.drain);
    if (await isOver(context, run)) return 'over';
  }
  return 'on';
}

/** One pass over everything that is left; gives the units that others hold. */
async function workOnShards(
  context: WorkerContext,
  state: WorkState,
): Promise<'finished' | 'drained' | string[]> {
  const { plan, job, claimer } = state;
  const held: string[] = [];
  for (const shard of shardOrder({ ...context.worker, ...context, shards: plan.shards.length })) {
    if (context.drain.aborted) return 'drained';
    const end = await workOnShard(context, state, shard);
    if (end === 'over') return 'finished';
    if (end === 'held') held.push(shardUnit(shard));
  }
  if (context.drain.aborted) return 'drained';
  const done = await listDoneShards(context.objectStore, job.id);
  if (done.size < plan.shards.length) return held;
  const merged = await mergeJob(context, state, claimer);
  if (merged === 'busy') return [mergeUnit];
  // Repairing: damaged parts were removed, and their cells are missing again.
  return merged === 'repairing' ? [] : 'finished';
}

interface WorkState extends RunningJob<JobRecord> {
  readonly plan: JobPlan;
  readonly model: CellModel;
  readonly claimer: Claimer;
  readonly relief: Relief;
}

async function workOnShard(
  context: WorkerContext,
  state: WorkState,
  shard: number,
): Promise<'done' | 'held' | 'over'> {
  const doneKey = jobKeys.done(state.job.id, shard);
  if ((await context.objectStore.head(doneKey)) !== undefined) return 'done';
  const claim = await state.claimer.tryClaim(shardUnit(shard));
  if (claim === undefined) return 'held';
  let isDone = false;
  try {
    const end = await commitMissingCells(context, state, { shard, claim });
    if (end !== 'done') return end === 'over' ? 'over' : 'held';
    const counts = await countShard(context.objectStore, state, shard);
    await context.objectStore.putIfAbsent(doneKey, encodeJson(counts));
    isDone = true;
    return 'done';
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
  const cells = await missingCells(context.objectStore, { id: job.id, plan }, unit.shard);
  await using rows = new RowsAhead(new ShardInput({ ...context, job, plan }), cells);
  for (const cell of cells) {
    if (context.drain.aborted || unit.claim.lost.aborted) return 'stopped';
    if ((await isOver(context, state.run)) || (await state.relief.hasCome())) return 'over';
    await runCell({ ...context, job, model, attemptId }, cell, await rows.next());
  }
  return 'done';
}

/** True once this run of the job was cancelled or ended; checked before every cell. */
async function isOver(context: WorkerContext, run: number): Promise<boolean> {
  const { objectStore, jobId } = context;
  const [cancel, end] = await Promise.all([
    objectStore.head(jobKeys.cancel(jobId, run)),
    objectStore.head(jobKeys.end(jobId, run)),
  ]);
  return cancel !== undefined || end !== undefined;
}
