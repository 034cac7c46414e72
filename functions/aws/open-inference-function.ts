import { resolve } from 'node:path';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda-function-invoker.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { inferenceSettingsSchema } from '#core/deployment/function-settings.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { openModelCatalogue } from '#inference/model-catalogue.ts';
import { openInferenceService } from '#inference/open-inference-service.ts';
import { createRemoteJobStarter } from '#work/remote-job-starter.ts';
import { createInferenceHandlers } from '../create-inference-handlers.ts';
import type { RouteContext } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { createRestAnswerer } from './answer-rest-event.ts';
import { priceOfInvocation } from './price-of-invocation.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { readRestEvent } from './rest-event.ts';
import { writeLog } from './write-log.ts';

/** API Gateway waits 29 s; the caller should be told before. */
const JOB_ANSWER_MILLIS = 25_000;

/** The models that a Lambda environment answers with are opened while it starts, before any request. */
export async function openInferenceFunction(
  variables: Readonly<Record<string, string | undefined>>,
) {
  const settings = readFunctionSettings(inferenceSettingsSchema, variables);
  const folder = resolve(variables['LAMBDA_TASK_ROOT'] ?? '.', settings.SWITCHYARD_MODELS);
  const catalogue = await openModelCatalogue({
    folders: [folder],
    gpuProvider: 'cuda',
    // The session verifies the one file that it opens; files of other lanes are not in the package.
    lanes: [],
  });
  const inference = openInferenceService({ catalogue, sessionWorkers: 0, clock: systemClock });
  await inference.settled();
  const deps: InferenceDependencies = {
    limits: defaultLimits,
    inference,
    jobs: createRemoteJobStarter({
      // The SDK is loaded at the first job, never before an answer of a model.
      invoker: createLambdaFunctionInvoker({ answerTimeoutMillis: JOB_ANSWER_MILLIS }),
      functionName: settings.SWITCHYARD_JOBS_FUNCTION,
    }),
    clock: systemClock,
    metrics: { count: () => undefined, observe: () => undefined, flush: async () => undefined },
    log: writeLog,
    costOf: priceOfInvocation(variables),
  };
  const answer = createRestAnswerer(createInferenceHandlers(deps), deps);
  return {
    inference,
    handler: async (event: unknown, context: RouteContext) => {
      const rest = readRestEvent(event);
      if (rest !== undefined) return await answer(rest, context);
      throw new SwitchyardError('invalid_request', 'this function answers API Gateway REST events');
    },
  };
}
