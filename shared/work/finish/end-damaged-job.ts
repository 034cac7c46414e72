import type { JobEnd } from '#core/jobs/job-end.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobPorts } from '../job-ports.ts';
import { stopWorkers } from '../reconcile/stop-workers.ts';
import { encodeJson } from '../records/read-json-object.ts';
import { scheduleExpiry } from './expire-jobs.ts';

/** What everybody is told who asks for a job whose record cannot be read. */
export function damagedRecord(cause: unknown): SwitchyardError {
  return new SwitchyardError(
    'corrupt_object',
    'the record of this job is damaged, so it was stopped; what it stored is removed after the ' +
      'retention. Submit it again, with a new Idempotency-Key where it had one',
    { cause },
  );
}

/**
 * Ends a job whose `job.json` cannot be read: nobody can tell its input, model or output any more. Its
 * workers are stopped, and what is left of it falls due like any other failed job.
 */
export async function endDamagedJob(ports: JobPorts, jobId: string): Promise<'ended' | 'stopping'> {
  const { objectStore, clock } = ports;
  if (!(await stopWorkers(ports, jobId, 'its record is damaged'))) return 'stopping';
  const { code, detail } = damagedRecord(undefined);
  const endedAt = new Date(clock.epochMillis()).toISOString();
  const counts = { total: 0, completed: 0, failed: 0 };
  const end: JobEnd = { status: 'failed', endedAt, counts, error: { code, detail } };
  await objectStore.putIfAbsent(jobKeys.end(jobId), encodeJson(end));
  await scheduleExpiry(ports, jobId, clock.epochMillis());
  return 'ended';
}
