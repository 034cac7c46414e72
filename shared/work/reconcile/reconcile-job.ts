import { jobIdOf, jobKeys, runOf } from '#core/jobs/job-keys.ts';
import { chargeJob } from '../finish/charge-job.ts';
import { endDamagedJob } from '../finish/end-damaged-job.ts';
import { endJob, markOutput, type RunningJob, readEnd, readProgress } from '../finish/end-job.ts';
import { scheduleExpiry } from '../finish/expire-jobs.ts';
import { queueWebhook } from '../finish/notify-webhook.ts';
import type { JobPorts } from '../job-ports.ts';
import { readJobHead } from '../records/job-records.ts';
import { isDamaged } from '../records/read-json-object.ts';
import { decideNextRun, readRun } from '../records/read-run.ts';
import { ensureWorkers } from './ensure-workers.ts';
import { listSubmissions, stopWorkers } from './stop-workers.ts';

/** What one look at a job found or did. */
export type Reconciled =
  | 'gone'
  | 'ended'
  | 'stopping'
  | 'submitted'
  | 'working'
  | 'failed'
  /** Its start is fixed and has not come. */
  | 'waiting';

/**
 * The jobs that have not ended, as far as is known; each once. Never throws: where the listing fails
 * half way, those before it are looked at all the same, and the next round sees the others.
 */
export async function listActiveJobs(
  ports: Pick<JobPorts, 'objectStore'>,
  onTrouble?: (error: unknown) => void,
): Promise<string[]> {
  const ids = new Set<string>();
  try {
    for await (const { key } of ports.objectStore.list(jobKeys.actives)) ids.add(jobIdOf(key));
  } catch (error) {
    onTrouble?.(error);
  }
  return [...ids];
}

/**
 * Brings one job a step towards its end, from its objects and the queue alone: finishes what has
 * ended, ends what was cancelled, submits what has no worker. Safe to call at any time, any number of
 * times, so a lost event strands nothing.
 */
export async function reconcileJob(ports: JobPorts, jobId: string): Promise<Reconciled> {
  const { objectStore } = ports;
  const job = await readJobHead(objectStore, jobId).catch((error: unknown): 'damaged' => {
    if (isDamaged(error)) return 'damaged';
    throw error;
  });
  const marks: number[] = [];
  for await (const { key } of objectStore.list(jobKeys.active(jobId))) marks.push(runOf(key));
  if (job === undefined || job === 'damaged') {
    const found = job === undefined ? 'gone' : await endDamagedJob(ports, jobId);
    if (found !== 'stopping') await removeMarks(ports, jobId, marks);
    return found;
  }
  const run = await currentRun(ports, jobId, Math.max(0, ...marks));
  const past = marks.filter((mark) => mark !== run);
  await removeMarks(ports, jobId, past);
  const work = { job, run };
  if ((await readEnd(objectStore, work)) !== undefined) return await finish(ports, work);
  if ((await objectStore.head(jobKeys.cancel(jobId, run))) !== undefined) {
    return await finishCancel(ports, work);
  }
  if (startsLater(ports, work)) return 'waiting';
  return await ensureWorkers(ports, work, await submissionsOf(ports, work));
}

/** By the wall clock: a budget's month ends by it too. */
function startsLater({ clock }: JobPorts, { job }: RunningJob): boolean {
  const { startsAt } = job.route ?? {};
  return startsAt !== undefined && clock.epochMillis() < Date.parse(startsAt);
}

/** A resume marks its run as active first; where it was cut off after that, it is completed here. */
async function currentRun(ports: JobPorts, jobId: string, marked: number): Promise<number> {
  const { ordinal, isExpired } = await readRun(ports.objectStore, jobId);
  if (isExpired || marked <= ordinal) return ordinal;
  const kind = await decideNextRun(ports, { jobId, run: marked, kind: 'resumed' });
  return kind === 'resumed' ? marked : ordinal;
}

async function removeMarks(ports: JobPorts, jobId: string, runs: readonly number[]): Promise<void> {
  for (const run of runs) await ports.objectStore.delete(jobKeys.active(jobId, run));
}

async function submissionsOf(ports: JobPorts, { job, run }: RunningJob) {
  const all = await listSubmissions(ports.objectStore, job.id);
  return { all, ofRun: all.filter((submission) => submission.run === run) };
}

async function finishCancel(ports: JobPorts, work: RunningJob): Promise<Reconciled> {
  // Terminal only once no worker runs: whoever sees `cancelled` pays for nothing any more.
  if (!(await stopWorkers(ports, work.job.id, 'the job was cancelled'))) return 'stopping';
  const progress = await readProgress(ports.objectStore, work.job);
  await endJob(ports, work, { status: 'cancelled', ...progress, error: null });
  return await finish(ports, work);
}

/** The steps after the terminal record, each repeatable; the active mark goes last. */
async function finish(ports: JobPorts, work: RunningJob): Promise<Reconciled> {
  const { job, run } = work;
  const end = await readEnd(ports.objectStore, work);
  if (end === undefined) return 'working';
  await markOutput(ports.objectStore, job, end);
  if (!(await stopWorkers(ports, job.id, `the job is ${end.status}`))) return 'stopping';
  await chargeJob(ports, { job, endedAtMillis: Date.parse(end.endedAt) });
  await queueWebhook(ports, work);
  await scheduleExpiry(ports, job.id, Date.parse(end.endedAt));
  await ports.objectStore.delete(jobKeys.active(job.id, run));
  return 'ended';
}
