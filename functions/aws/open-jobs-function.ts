import { createS3ObjectLinks } from '#adapters/aws/s3/s3-object-links.ts';
import { createS3UploadLinks } from '#adapters/aws/s3/s3-upload-links.ts';
import { budgetStatusCallSchema } from '#core/deployment/budget-status-call.ts';
import { findStateCallSchema } from '#core/deployment/find-state-call.ts';
import { jobsSettingsSchema } from '#core/deployment/function-settings.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { openJobService } from '#work/open-job-service.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { RouterStates } from '#work/routing/router-states.ts';
import type { RouteContext } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { createJobHandlers } from '../jobs/create-job-handlers.ts';
import { createRestAnswerer } from './answer-rest-event.ts';
import { createStartCallAnswerer } from './answer-start-call.ts';
import { openCostBooks } from './open-job-charges.ts';
import { openJobPorts } from './open-job-ports.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { readRestEvent } from './rest-event.ts';
import { writeLog } from './write-log.ts';

/** Every route of jobs, and the calls by which the inference function starts one. */
export async function openJobsFunction(variables: Readonly<Record<string, string | undefined>>) {
  const settings = readFunctionSettings(jobsSettingsSchema, variables);
  const { ports, access, budgets } = await openJobPorts(settings, variables);
  // One request at a time is in a Lambda environment, so what changed belongs to it.
  const changed = new Set<string>();
  const deps: JobDependencies = {
    limits: ports.limits,
    jobs: openJobService(ports, (jobId) => changed.add(jobId)),
    objectStore: ports.objectStore,
    objectLinks: createS3ObjectLinks(access),
    uploadLinks: createS3UploadLinks(access),
    needsKey: true,
    bucketName: settings.SWITCHYARD_DATA_BUCKET,
    clock: ports.clock,
    log: writeLog,
    costs: openCostBooks(ports.objectStore, variables),
  };
  const answerRest = createRestAnswerer(createJobHandlers(deps), {
    ...deps,
    corsOrigins: settings.SWITCHYARD_CORS_ORIGINS,
  });
  const states = new RouterStates(ports.objectStore);
  const answerStart = createStartCallAnswerer(deps);

  async function answer(event: unknown, context: RouteContext): Promise<unknown> {
    const rest = readRestEvent(event);
    if (rest !== undefined) return await answerRest(rest, context);
    const asked = findStateCallSchema.safeParse(event).data;
    if (asked !== undefined) return { state: await states.find(asked.stateId) };
    const asking = budgetStatusCallSchema.safeParse(event).data;
    if (asking !== undefined) return { status: await budgets?.statusOf(asking.tenant) };
    const reply = await answerStart(event);
    if (reply !== undefined) return reply;
    throw new SwitchyardError(
      'invalid_request',
      'this function answers API Gateway REST events, calls that start a job, ask for a state or a budget',
    );
  }

  /**
   * Submits or stops what the request changed. Awaited: after the answer the environment stands still.
   * A failure is only logged, for the job is durable and the reconciler's schedule comes by.
   */
  async function bringOn(): Promise<void> {
    const jobIds = [...changed];
    changed.clear();
    for (const jobId of jobIds) {
      await reconcileJob(ports, jobId).catch((error: unknown) => {
        writeLog({ level: 'error', event: 'reconcile_failed', job: jobId, detail: String(error) });
      });
    }
  }

  return {
    handler: async (event: unknown, context: RouteContext): Promise<unknown> => {
      const answered = await answer(event, context);
      await bringOn();
      return answered;
    },
  };
}
