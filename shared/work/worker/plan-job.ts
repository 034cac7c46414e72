import type { Limits } from '#core/contract/limits.ts';
import { asUnusableInput } from '#core/formats/unusable-input.ts';
import { jobKeys, planUnit } from '#core/jobs/job-keys.ts';
import {
  type JobPlan,
  jobPlanSchema,
  type PlanSummary,
  planSummarySchema,
  summarizePlan,
} from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import { PlanBuilder } from '#core/jobs/plan-builder.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { InvalidRows, invalidRowsDetail, readUnread } from '../accept/validate-input.ts';
import type { InputReader, RowProblem } from '../input/input-reader.ts';
import { openInputReader } from '../input/open-input-reader.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';
import type { Claimer } from './claim-unit.ts';

interface PlanPorts {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  readonly limits: Limits;
}

/**
 * The job's plan, or undefined before the input has been read, and where every plan is damaged: reading
 * the same input again makes the same plan, which then stands at the next place.
 */
export async function readPlan(
  objectStore: ObjectStore,
  jobId: string,
): Promise<JobPlan | undefined> {
  for (const key of jobKeys.planPlaces(jobId)) {
    const plan = await readUndamagedJson(objectStore, key, jobPlanSchema);
    if (plan !== undefined) return plan;
    if ((await objectStore.head(key)) === undefined) return undefined;
  }
  throw new SwitchyardError(
    'corrupt_object',
    `every plan of ${jobId} is damaged; look after the disk or the bucket, then submit the job again`,
  );
}

/** What progress is measured by: one small read, however many cells there are. */
export async function readPlanSummary(
  objectStore: ObjectStore,
  jobId: string,
): Promise<PlanSummary | undefined> {
  const key = jobKeys.planSummary(jobId);
  const summary = await readUndamagedJson(objectStore, key, planSummarySchema);
  if (summary !== undefined) return summary;
  const plan = await readPlan(objectStore, jobId);
  return plan && summarizePlan(plan);
}

/**
 * The plan, made by one of the workers while the others wait for it. Undefined when `drain` fired
 * first. Throws `object_changed` where the input is not the pinned version any more, and `invalid_rows`
 * where the job asked to fail for rows that are not valid.
 */
export async function ensurePlan(
  ports: PlanPorts,
  job: JobRecord,
  claimer: Claimer,
  drain: AbortSignal,
): Promise<JobPlan | undefined> {
  while (!drain.aborted) {
    const plan = await readPlan(ports.objectStore, job.id);
    if (plan !== undefined) return acceptable(job, plan);
    const claim = await claimer.tryClaim(planUnit);
    if (claim === undefined) {
      await ports.clock.sleep(PLAN_POLL_MILLIS, drain);
      continue;
    }
    try {
      await makePlan(ports, job);
    } finally {
      await claim.release();
    }
  }
  return undefined;
}

const PLAN_POLL_MILLIS = 200;

function acceptable(job: JobRecord, plan: JobPlan): JobPlan {
  const { validation } = plan;
  if (job.onInvalid !== 'fail' || validation === undefined || validation.errors === 0) return plan;
  throw new SwitchyardError('invalid_rows', invalidRowsDetail(validation));
}

async function makePlan(ports: PlanPorts, job: JobRecord): Promise<void> {
  const builder = new PlanBuilder();
  const problems = new InvalidRows(job);
  const unread: number[] = [];
  let shape: JobPlan['shape'];
  for (const [ordinal, file] of job.input.files.entries()) {
    const reading = { ...(shape === undefined ? {} : { shape }), ...job.rows, model: job.model };
    const reader = openInputReader({ ...ports, file, columns: null, reading });
    await scanFile(reader, job, builder, (problem) => problems.add(ordinal, problem));
    shape ??= reader.shape?.();
    if (!reader.scansRows) unread.push(ordinal);
  }
  const built = builder.finish(new Date(ports.clock.epochMillis()).toISOString());
  const plan = shape === undefined ? built : { ...built, shape };
  await readUnread(ports, { job, plan, files: unread }, problems);
  await putPlan(ports.objectStore, job.id, { ...plan, validation: problems.validation() });
}

/** The one read that plans a file also tells its bad rows, as the workers' own reading would. */
async function scanFile(
  reader: InputReader,
  job: JobRecord,
  builder: PlanBuilder,
  onProblem: (problem: RowProblem) => void,
): Promise<void> {
  try {
    builder.startFile(await reader.grid(job));
    for await (const record of reader.scan()) {
      builder.add(record);
      if (record.problem !== undefined) onProblem(record.problem);
    }
    builder.finishFile(reader.columns());
  } catch (error) {
    throw asUnusableInput(error);
  } finally {
    await reader.close();
  }
}

/** The summary first: whoever sees the plan can have both. */
async function putPlan(objectStore: ObjectStore, jobId: string, plan: JobPlan): Promise<void> {
  await objectStore.putIfAbsent(jobKeys.planSummary(jobId), encodeJson(summarizePlan(plan)));
  for (const key of jobKeys.planPlaces(jobId)) {
    if (await objectStore.putIfAbsent(key, encodeJson(plan))) return;
    if ((await readUndamagedJson(objectStore, key, jobPlanSchema)) !== undefined) return;
  }
}
