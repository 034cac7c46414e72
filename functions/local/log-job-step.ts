import { describeJob } from '#work/describe/describe-job.ts';
import type { JobPorts } from '#work/job-ports.ts';
import type { Reconciled } from '#work/reconcile/reconcile-job.ts';
import { readJobHead } from '#work/records/job-records.ts';
import type { Log } from '../handler-dependencies.ts';

/** One line for the start of a job and one for its end; nothing of a row is in them. */
export async function logJobStep(
  deps: { readonly ports: () => JobPorts; readonly log: Log },
  jobId: string,
  found: Reconciled | 'troubled',
): Promise<void> {
  if (found !== 'submitted' && found !== 'ended') return;
  const job = await readView(deps.ports(), jobId);
  if (found === 'submitted') {
    const { model, lane, input } = job ?? {};
    deps.log({ level: 'info', event: 'job_started', job: jobId, model, lane, input });
    return;
  }
  const { status, counts, created_at, finished_at, output, error } = job ?? {};
  const seconds = (Date.parse(finished_at ?? '') - Date.parse(created_at ?? '')) / 1_000;
  deps.log({
    level: status === 'failed' ? 'warn' : 'info',
    event: `job_${status ?? 'ended'}`,
    job: jobId,
    rows: counts?.total,
    failed_rows: counts?.failed,
    seconds,
    // Not its detail: what a file without a header calls its columns may be texts.
    ...(error ? { code: error.code } : { output }),
  });
}

/** Undefined where the job's records cannot be read; asking for the job says why. */
async function readView(ports: JobPorts, jobId: string) {
  try {
    const head = await readJobHead(ports.objectStore, jobId);
    return head && (await describeJob(ports, head));
  } catch {
    return undefined;
  }
}
