import type { JobStatus, JobView } from '#core/contract/job-view.ts';
import type { JobEnd } from '#core/jobs/job-end.ts';
import { jobKeys, outputFiles, planUnit } from '#core/jobs/job-keys.ts';
import type { PlanSummary } from '#core/jobs/job-plan.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import type { JobRoute } from '#core/jobs/job-route.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { damagedRecord } from '../finish/end-damaged-job.ts';
import { isMarked, type RunningJob, readEnd } from '../finish/end-job.ts';
import type { JobPorts } from '../job-ports.ts';
import { readJobHead } from '../records/job-records.ts';
import { type Committed, type KnownCounts, readCommitted } from '../records/read-committed.ts';
import { isDamaged } from '../records/read-json-object.ts';
import { readRun } from '../records/read-run.ts';
import { readPlanSummary } from '../worker/plan-job.ts';

/** The job of a tenant. Another tenant's is `job_not_found`, as is a malformed id. */
export async function readJob(
  ports: JobPorts,
  request: { readonly tenant: string; readonly jobId: string },
): Promise<JobHead> {
  const job = /^job_[0-9a-z]{26}$/.test(request.jobId)
    ? await readJobHead(ports.objectStore, request.jobId).catch((error: unknown) => {
        throw isDamaged(error) ? damagedRecord(error) : error;
      })
    : undefined;
  if (job !== undefined && job.tenant === request.tenant) return job;
  throw new SwitchyardError('job_not_found', 'there is no job of this id');
}

/** What is known about a job now, derived from its objects. */
export async function describeJob(
  ports: JobPorts,
  job: JobHead,
  known?: KnownCounts,
): Promise<JobView> {
  const { ordinal: run } = await readRun(ports.objectStore, job.id);
  return await describeRun(ports, { job, run }, known);
}

/** The job as it stands in one of its runs, which may be one that is over. */
export async function describeRun(
  ports: JobPorts,
  work: RunningJob,
  known?: KnownCounts,
): Promise<JobView> {
  const { job, run } = work;
  const end = await readEnd(ports.objectStore, { job, run });
  if (end !== undefined) return await describeEnded(ports, work, end);
  const plan = await readPlanSummary(ports.objectStore, job.id);
  const committed = await readCommitted(ports.objectStore, job.id, plan, known);
  const status = await liveStatus(ports, work, { plan, committed });
  const rate = plan === undefined ? null : rowsPerSecond(ports, plan, committed);
  return {
    ...fixedPart(work),
    status,
    counts: { total: committed.total, completed: committed.completed, failed: committed.failed },
    bytes: { total: job.input.sizeBytes, processed: processedBytes(job, committed) },
    rows_per_second: rate,
    eta_seconds: rate === null || rate === 0 ? null : etaSeconds(committed, rate),
    finished_at: null,
    output: null,
    error: null,
    validation: plan?.validation ?? null,
  };
}

function fixedPart({ job, run }: RunningJob) {
  return {
    id: job.id,
    model: job.model,
    model_version: job.modelVersion,
    lane: job.lane,
    input: job.input.uri,
    created_at: job.createdAt,
    resumes: run,
    ...(job.route === undefined ? {} : routeParts(job.route)),
  };
}

function routeParts(all: JobRoute): Pick<JobView, 'route' | 'quote'> {
  const { quote, items: _, net: __, fleetLeaves: ___, ...route } = all;
  const { usd, finishSeconds, onTime } = quote;
  return {
    route,
    quote: { usd, finish_seconds: finishSeconds, on_time: onTime },
  };
}

async function describeEnded(ports: JobPorts, work: RunningJob, end: JobEnd): Promise<JobView> {
  const { job } = work;
  // Terminal only once the output is marked, so that "completed" and _SUCCESS appear together.
  const isOver = await isMarked(ports.objectStore, work, end);
  const passing: Record<JobEnd['status'], JobStatus> = {
    completed: 'finalizing',
    failed: 'finalizing',
    cancelled: 'cancelling',
  };
  const folder = job.output.prefix.slice('bucket/'.length);
  const processed = end.status === 'completed' ? job.input.sizeBytes : 0;
  return {
    ...fixedPart(work),
    status: isOver ? end.status : passing[end.status],
    counts: end.counts,
    bytes: { total: job.input.sizeBytes, processed },
    rows_per_second: null,
    eta_seconds: null,
    finished_at: end.endedAt,
    output: end.status === 'completed' ? `s3://${ports.settings.bucketName}/${folder}` : null,
    error: end.error,
    validation: end.validation ?? null,
  };
}

async function liveStatus(
  ports: JobPorts,
  { job, run }: RunningJob,
  known: { readonly plan: PlanSummary | undefined; readonly committed: Committed },
): Promise<JobStatus> {
  const { plan, committed } = known;
  const cancel = await ports.objectStore.head(jobKeys.cancel(job.id, run));
  if (cancel !== undefined) return 'cancelling';
  if (plan !== undefined) return committed.cells === plan.cells ? 'finalizing' : 'running';
  for await (const _ of ports.objectStore.list(jobKeys.claims(job.id, planUnit))) {
    return 'validating';
  }
  return 'queued';
}

/** The share of the rows, in bytes: what each cell has of them stands in the plan, which is long. */
function processedBytes(job: JobHead, { total, completed, failed }: Committed): number {
  return total === 0 ? 0 : Math.round((job.input.sizeBytes * (completed + failed)) / total);
}

function rowsPerSecond(ports: JobPorts, plan: PlanSummary, committed: Committed): number | null {
  const seconds = (ports.clock.epochMillis() - Date.parse(plan.plannedAt)) / 1000;
  if (seconds <= 0) return null;
  return Math.round(((committed.completed + committed.failed) / seconds) * 10) / 10;
}

function etaSeconds(committed: Committed, rate: number): number {
  return Math.round((committed.total - committed.completed - committed.failed) / rate);
}

/** The folder of a completed job's files. */
export function outputKey(job: JobHead, part: 'results' | 'errors'): string {
  return job.output.prefix + outputFiles[part];
}
