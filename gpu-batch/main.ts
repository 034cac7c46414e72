// The worker that AWS Batch, the fleet and the local queue start: a supervisor that stays responsive
// and commits, with the session in its child process. It runs until its job has nothing left for it.

import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { ModelProcessLost } from '#work/cell-model.ts';
import { runWorker } from '#work/run-worker.ts';
import { listenForDrain } from './drain-on-signal.ts';
import { exitCodes } from './exit-codes.ts';
import { type JobEnvironment, readJobEnvironment } from './job-environment.ts';
import { ModelProcess } from './model-process.ts';

/** After a notice, the cell in hand may still be committed for this long. Spot gives 120 s, a stopped
 * container 30 s, and `npm start` promises to be gone within 10. */
const DRAIN_MILLIS = 6_000;

async function main(): Promise<number> {
  const settings = readJobEnvironment(process.env);
  if ('problem' in settings) {
    log('refused', { detail: settings.problem });
    return exitCodes.refused;
  }
  const drain = listenForDrain();
  const work = supervise(settings, drain);
  const deadline = new Promise<number>((resolve) => {
    drain.addEventListener('abort', () => {
      setTimeout(() => resolve(exitCodes.drained), DRAIN_MILLIS).unref();
    });
  });
  return await Promise.race([work, deadline]);
}

async function supervise(settings: JobEnvironment, drain: AbortSignal): Promise<number> {
  const { modelFolders, provider } = settings;
  try {
    const end = await runWorker({
      ...settings,
      objectStore: await openFolderObjectStore({ folder: settings.dataFolder }),
      clock: systemClock,
      limits: defaultLimits,
      worker: settings,
      openModel: (job) => ModelProcess.open({ modelFolders, provider, job }),
      drain,
    });
    return end === 'finished' ? exitCodes.finished : exitCodes.drained;
  } catch (error) {
    return exitCodeFor(error);
  }
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

function log(event: string, fields: Readonly<Record<string, unknown>>): void {
  process.stderr.write(
    `${JSON.stringify({ event: `worker_${event}`, pid: process.pid, ...fields })}\n`,
  );
}

process.exitCode = await main();
// The child and open handles must not keep a finished worker alive.
process.exit();
