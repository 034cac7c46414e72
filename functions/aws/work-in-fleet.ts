// The Lambda function of the fleet: each call is one worker on one job, for as long as the call lasts.

import { delimiter, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'aws-lambda';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { startWorkerProcess } from '#adapters/local/start-worker-process.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { fleetSettingsSchema } from '#core/deployment/function-settings.ts';
import { fleetCallSchema } from '#core/fleet/fleet-call.ts';
import { type FleetPorts, runFleetCall } from '#work/fleet/run-fleet-call.ts';
import { openDeploymentBuckets } from './open-deployment-buckets.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { writeLog } from './write-log.ts';

/** The same worker that AWS Batch starts: in sources beside this folder, in the package beside this file. */
const workerEntry = new URL(
  import.meta.url.endsWith('.ts') ? '../../gpu-batch/main.ts' : './worker.mjs',
  import.meta.url,
);

/** As for local workers: without a bound V8 would size its heap by the machine. */
const memoryFlags = ['--expose-gc', '--max-semi-space-size=2', '--max-old-space-size=160'];

/** Claims end with 60 s left: 40 s to commit the cell, the rest for the successor and the records. */
const timing = { stopPollMillis: 2_000, graceMillis: 45_000, lastMillis: 60_000 };
const DRAIN_MILLIS = 40_000;

const settings = readFunctionSettings(fleetSettingsSchema, process.env);
const models = resolve(process.env['LAMBDA_TASK_ROOT'] ?? '.', settings.SWITCHYARD_MODELS);

const buckets = { bucket: settings.SWITCHYARD_DATA_BUCKET, work: settings.SWITCHYARD_WORK_BUCKET };

const ports: FleetPorts = {
  objectStore: createS3ObjectStore(openDeploymentBuckets(buckets, process.env)),
  invoker: createLambdaFunctionInvoker(),
  clock: systemClock,
  timing,
  startWorker: (environment) =>
    startWorkerProcess({
      command: {
        executable: process.execPath,
        args: [...memoryFlags, fileURLToPath(workerEntry)],
      },
      environment: {
        ...environment,
        ...ownEnvironment(),
        SWITCHYARD_MODELS: [models].join(delimiter),
        SWITCHYARD_DRAIN_MILLIS: String(DRAIN_MILLIS),
        ORT_DISABLE_TELEMETRY: '1',
      },
      log: (line) => process.stdout.write(`${line}\n`),
      onStarted: () => undefined,
    }),
};

export async function handler(event: unknown, context: Context): Promise<{ outcome: string }> {
  const call = parseWith(fleetCallSchema, event);
  const outcome = await runFleetCall(ports, call, {
    functionName: context.invokedFunctionArn,
    remainingMillis: () => context.getRemainingTimeInMillis(),
  });
  const { submission, arrayIndex, attempt } = call;
  writeLog({ event: 'fleet_call_ended', submission, arrayIndex, attempt, outcome });
  return { outcome };
}

/** The worker runs with the function's own role, region and buckets. */
function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}
