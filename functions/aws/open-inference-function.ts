import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import middy from '@middy/core';
import { createEmfMetricSink } from '#adapters/aws/emf-metric-sink.ts';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { createLinePredictionLog } from '#adapters/aws/line-prediction-log.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { budgetOfTenant, type DeployedBudgets } from '#core/deployment/deployed-budgets.ts';
import { inferenceSettingsSchema } from '#core/deployment/function-settings.ts';
import { billedMetrics } from '#core/metrics/billed-metrics.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';
import type { PredictionLogMode } from '#core/predictions/prediction-log-mode.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { openModelCatalogue } from '#inference/model-catalogue.ts';
import { openInferenceService } from '#inference/open-inference-service.ts';
import { createRemoteJobStarter } from '#work/accept/remote-job-starter.ts';
import { createRemoteBudgets } from '#work/budgets/remote-budgets.ts';
import type { Escalation } from '#work/escalation/escalate.ts';
import { createRemoteStates } from '#work/routing/remote-states.ts';
import { createShippedRouter } from '#work/routing/shipped-router.ts';
import type { RouteContext } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { createInferenceHandlers } from '../inference/create-inference-handlers.ts';
import {
  createPredictionRecorder,
  noPredictions,
  type PredictionRecorder,
} from '../inference/record-predictions.ts';
import { type EnvironmentFacts, warmUp } from '../middleware/warm-up.ts';
import { createRestAnswerer } from './answer-rest-event.ts';
import { createUsageLog } from './log-usage.ts';
import type { EscalationParts } from './open-deployed-escalation.ts';
import { priceOfAnswer } from './price-of-answer.ts';
import { readDeployedBudgets } from './read-deployed-budgets.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { readRouterStates } from './read-router-states.ts';
import { readRestEvent } from './rest-event.ts';
import { writeLine, writeLog } from './write-log.ts';

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
  const environment = environmentFacts(variables);
  const metrics = createEmfMetricSink({
    namespace: settings.SWITCHYARD_METRICS_NAMESPACE,
    billed: billedMetrics,
    clock: systemClock,
  });
  metrics.observe('environment_start_seconds', environment.initMillis / 1_000, { lane: 'cpu' });
  let isFirstCall = true;
  const { SWITCHYARD_ROUTER: routerFile, SWITCHYARD_BUDGETS: budgetsFile } = settings;
  const other = {
    // The SDK is loaded at the first call, never before an answer of a model.
    invoker: createLambdaFunctionInvoker({ answerTimeoutMillis: JOB_ANSWER_MILLIS }),
    functionName: settings.SWITCHYARD_JOBS_FUNCTION,
  };
  const router =
    routerFile === undefined
      ? undefined
      : createShippedRouter(readRouterStates(routerFile, variables), createRemoteStates(other));
  const parts = { catalogue, inference, router, variables };
  const escalation = await openEscalation(settings.SWITCHYARD_ESCALATION, parts);
  const deps: InferenceDependencies = {
    ...(router === undefined ? {} : { router }),
    ...(escalation === undefined ? {} : { escalation }),
    ...(budgetsFile === undefined
      ? {}
      : { budgets: budgetsFrom(readDeployedBudgets(budgetsFile, variables), other) }),
    limits: defaultLimits,
    inference,
    jobs: createRemoteJobStarter(other),
    clock: systemClock,
    metrics,
    log: writeLog,
    costOf: priceOfAnswer(settings, variables),
    recordRequest: createUsageLog({
      environment,
      initMillis: () => (isFirstCall ? environment.initMillis : 0),
      region: variables['AWS_REGION'] ?? 'unknown',
      clock: systemClock,
      log: writeLog,
      predictions: openPredictions(settings.SWITCHYARD_PREDICTION_LOG),
    }),
  };
  const answer = createRestAnswerer(createInferenceHandlers(deps), {
    ...deps,
    corsOrigins: settings.SWITCHYARD_CORS_ORIGINS,
  });
  // The routes have their own end before the platform's; a ping is held for less than 5 s.
  const handler = middy<unknown, unknown, Error, RouteContext>({ timeoutEarlyInMillis: 0 })
    .use(warmUp({ inference, clock: systemClock, log: writeLog, environment }))
    .handler(async (event, context) => {
      const rest = readRestEvent(event);
      if (rest === undefined) {
        const detail = 'this function answers API Gateway REST events and pings of the warmer';
        throw new SwitchyardError('invalid_request', detail);
      }
      const answered = await answer(rest, context);
      // After the answer the environment stands still, and may never go on.
      await metrics.flush();
      return answered;
    });
  return {
    inference,
    handler: async (event: unknown, context: RouteContext): Promise<unknown> => {
      try {
        return await handler(event, context);
      } finally {
        isFirstCall = false;
      }
    },
  };
}

function budgetsFrom(
  budgets: DeployedBudgets,
  other: Pick<Parameters<typeof createRemoteBudgets>[0], 'invoker' | 'functionName'>,
): TenantBudgets {
  return createRemoteBudgets({
    ...other,
    hasBudget: (tenant) => budgetOfTenant(budgets, tenant) !== undefined,
    clock: systemClock,
    onError: (error) => {
      writeLog({ level: 'error', event: 'budget_unknown', detail: String(error) });
    },
  });
}

function openPredictions(mode: PredictionLogMode): PredictionRecorder {
  if (mode === 'off') return noPredictions;
  const log = mode === 'full' ? createLinePredictionLog({ write: writeLine }) : undefined;
  return createPredictionRecorder({ clock: systemClock, log });
}

/** Loaded only where there are rules: every other deployment starts without it. */
async function openEscalation(
  file: string | undefined,
  parts: EscalationParts,
): Promise<Escalation | undefined> {
  if (file === undefined) return undefined;
  const { openDeployedEscalation } = await import('./open-deployed-escalation.ts');
  return openDeployedEscalation(file, parts);
}

function environmentFacts(
  variables: Readonly<Record<string, string | undefined>>,
): EnvironmentFacts {
  return {
    environmentId: randomUUID(),
    initMillis: process.uptime() * 1_000,
    memoryMib: Number(variables['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0),
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
  };
}
