import { Usd } from '#core/cost/usd.ts';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import { fits } from '#core/routing/decide-within-budget.ts';
import { refuseBudget } from '#core/routing/refuse-budget.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { isMarked, readEnd } from '../finish/end-job.ts';
import { queueWebhook } from '../finish/notify-webhook.ts';
import type { JobPorts } from '../job-ports.ts';
import { decideNextRun, readRun } from '../records/read-run.ts';

/**
 * Starts the next run of a job that was cancelled or has failed; its committed cells count, so only
 * the missing ones are done. A job that is under way is left as it is, so a repeated call does no
 * harm. Throws `job_not_resumable` where nothing is left to do or to do it with, and
 * `job_not_finished` while its workers are being stopped, and `budget_exceeded` as for a new job: what
 * ended is promised nothing any more, or jobs that are cancelled and resumed would cost any amount.
 */
export async function resumeJob(ports: JobPorts, job: JobRecord): Promise<void> {
  const { objectStore } = ports;
  const { ordinal: run, isExpired } = await readRun(objectStore, job.id);
  const end = await readEnd(objectStore, { job, run });
  if (end === undefined) return await keepGoing(ports, job, run);
  if (end.status === 'completed')
    throw notResumable('it is completed; there is nothing left to do');
  if (end.error?.code === 'invalid_rows') {
    throw notResumable('its input holds invalid rows; correct the file and submit it as a new job');
  }
  if (isExpired || job.input.files.length === 0) {
    throw notResumable('its input is not kept any more; submit the file as a new job');
  }
  if (!(await isMarked(objectStore, { job, run }, end))) throw stillStopping();
  await refuseBeyondBudget(ports, job);
  // The end of this run is told even where the reconciler has not seen it yet.
  await queueWebhook(ports, { job, run });
  // Active first: whatever happens next, the reconciler sees the new run and completes this.
  await objectStore.putIfAbsent(jobKeys.active(job.id, run + 1), new Uint8Array(0));
  const next = await decideNextRun(ports, { jobId: job.id, run: run + 1, kind: 'resumed' });
  if (next === 'expired') {
    throw notResumable('its input was being removed; submit the file as a new job');
  }
  await objectStore.delete(job.output.prefix + outputFiles.failed);
}

/** What is left may cost as much as was quoted; nobody knows how dear the part is that was done. */
async function refuseBeyondBudget(
  { budgets, clock }: JobPorts,
  { tenant, route }: JobRecord,
): Promise<void> {
  const status = route && (await budgets?.statusOf(tenant));
  if (status === undefined || status.mode === 'degrade') return;
  // It starts, and is paid for, when the next month does.
  if (Date.parse(route?.startsAt ?? '') > clock.epochMillis()) return;
  const quoted = new Usd(route?.quote.usd ?? 0).toDecimalPlaces(18);
  if (fits(quoted, status)) return;
  const outcome = {
    status,
    quotedUsd: quoted.toFixed(),
    waitSeconds: 0,
    effect: 'refused',
  } as const;
  throw refuseBudget(outcome, { stateId: route?.stateId ?? '', acceptsJob: true });
}

/** The mark may be missing where an earlier call was cut off between its two writes. */
async function keepGoing(ports: JobPorts, job: JobRecord, run: number): Promise<void> {
  if ((await ports.objectStore.head(jobKeys.cancel(job.id, run))) !== undefined) {
    throw stillStopping();
  }
  await ports.objectStore.putIfAbsent(jobKeys.active(job.id, run), new Uint8Array(0));
}

function notResumable(why: string): SwitchyardError {
  return new SwitchyardError('job_not_resumable', `the job cannot be resumed: ${why}`);
}

function stillStopping(): SwitchyardError {
  const detail = 'the workers of the job are being stopped; resume it once it is cancelled';
  return new SwitchyardError('job_not_finished', detail, { retryAfterSeconds: 2 });
}
