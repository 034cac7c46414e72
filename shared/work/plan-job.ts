import type { Limits } from '#core/contract/limits.ts';
import { jobKeys, planUnit } from '#core/jobs/job-keys.ts';
import { type JobPlan, jobPlanSchema } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import { PlanBuilder } from '#core/jobs/plan-builder.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { Claimer } from './claim-unit.ts';
import { openInputReader } from './input/open-input-reader.ts';
import { encodeJson, readJsonObject } from './read-json-object.ts';

interface PlanPorts {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  readonly limits: Limits;
}

/** The job's plan, or undefined before the input has been read. */
export function readPlan(objectStore: ObjectStore, jobId: string): Promise<JobPlan | undefined> {
  return readJsonObject(objectStore, jobKeys.plan(jobId), jobPlanSchema);
}

/**
 * The plan, made by one of the workers while the others wait for it. Undefined when `drain` fired
 * first. Throws `object_changed` where the input is not the pinned version any more.
 */
export async function ensurePlan(
  ports: PlanPorts,
  job: JobRecord,
  claimer: Claimer,
  drain: AbortSignal,
): Promise<JobPlan | undefined> {
  while (!drain.aborted) {
    const plan = await readPlan(ports.objectStore, job.id);
    if (plan !== undefined) return plan;
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

async function makePlan(ports: PlanPorts, job: JobRecord): Promise<void> {
  const builder = new PlanBuilder();
  for (const file of job.input.files) {
    const reader = openInputReader({ ...ports, file, columns: null });
    try {
      builder.startFile(reader.grid(job));
      for await (const record of reader.scan()) builder.add(record);
      builder.finishFile(reader.columns());
    } finally {
      await reader.close();
    }
  }
  const plan = builder.finish(new Date(ports.clock.epochMillis()).toISOString());
  await ports.objectStore.putIfAbsent(jobKeys.plan(job.id), encodeJson(plan));
}
