import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import type { WorkerHost } from '#core/jobs/attempt-record.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { ModelProcessLost } from '#work/worker/cell-model.ts';
import { runWorker } from '#work/worker/run-worker.ts';
import { checkStart, watchGpuHealth } from './check-start.ts';
import { drainWorker } from './drain-worker.ts';
import { exitCodes } from './exit-codes.ts';
import { InstanceMetadata } from './instance-metadata.ts';
import { type JobEnvironment, readJobEnvironment } from './job-environment.ts';
import { ModelProcess, type ModelProcessOptions } from './model-process.ts';
import { openRates } from './open-rates.ts';
import { openWorkerStore } from './open-worker-store.ts';
import { readGpuHealth } from './read-gpu-health.ts';
import { rehearseSlowly } from './rehearse-slowly.ts';

export interface SuperviseOptions {
  /**
   * Program of the process that runs the model.
   *
   * @default - session-child beside this file
   */
  readonly sessionEntry?: URL;
}

/**
 * One worker: stays responsive and commits, with the session in its child process. Returns the exit
 * code; the caller ends the process with it.
 */
export async function superviseWorker(
  variables: Readonly<Record<string, string | undefined>>,
  options: SuperviseOptions = {},
): Promise<number> {
  const settings = readJobEnvironment(variables);
  if ('problem' in settings) {
    log('refused', { detail: settings.problem });
    return exitCodes.refused;
  }
  const drain = drainWorker(settings, systemClock, log);
  const rates = () => openRates(variables);
  const work = supervise({ ...settings, rates }, drain.signal, options);
  return await Promise.race([work, drain.expired.then(() => exitCodes.drained)]);
}

async function supervise(
  settings: JobEnvironment & { readonly rates: () => ReturnType<typeof openRates> },
  drain: AbortSignal,
  options: SuperviseOptions,
): Promise<number> {
  const { modelFolders, provider } = settings;
  const ended = new AbortController();
  try {
    const check = { provider, readHealth: readGpuHealth, log };
    const [gpus, host] = await Promise.all([checkStart(check), hostOf(settings)]);
    if (gpus !== null) void watchGpuHealth({ ...check, clock: systemClock, stop: ended.signal });
    const parts = {
      objectStore: await openWorkerStore(settings.store),
      openModel: (job: ModelProcessOptions['job']) =>
        ModelProcess.open({ ...options, modelFolders, provider, job, onLost: logLoss }),
    };
    const end = await runWorker({
      ...settings,
      ...rehearseSlowly(parts, settings.slowMillisPerCell, log),
      clock: systemClock,
      limits: defaultLimits,
      host,
      worker: settings,
      drain,
    });
    return end === 'finished' ? exitCodes.finished : exitCodes.drained;
  } catch (error) {
    return exitCodeFor(error);
  } finally {
    ended.abort();
  }
}

async function hostOf({ metadataUrl: url }: JobEnvironment): Promise<WorkerHost | undefined> {
  if (url === undefined) return undefined;
  const monotonicMillis = () => systemClock.monotonicMillis();
  return await new InstanceMetadata({ url, monotonicMillis }).host();
}

function exitCodeFor(error: unknown): number {
  if (error instanceof ModelProcessLost) {
    log('model_process_lost', { detail: error.message });
    return exitCodes.drained;
  }
  const refusals = ['provider_unavailable', 'lane_unavailable', 'model_not_found'];
  if (error instanceof SwitchyardError && refusals.includes(error.code)) {
    log('refused', { code: error.code, detail: error.detail });
    return exitCodes.refused;
  }
  log('failed', { detail: error instanceof Error ? error.stack : String(error) });
  return exitCodes.failed;
}

function logLoss(loss: { readonly reason: string }): void {
  log('session_replaced', { detail: loss.reason });
}

function log(event: string, fields: Readonly<Record<string, unknown>>): void {
  process.stderr.write(
    `${JSON.stringify({ event: `worker_${event}`, pid: process.pid, ...fields })}\n`,
  );
}
