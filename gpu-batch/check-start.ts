import { driverProblem, type GpuHealth } from '#core/gpu/gpu-health.ts';
import type { Provider } from '#core/models/provider.ts';
import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

export interface StartCheckOptions {
  readonly provider: Provider;
  readonly readHealth: () => Promise<readonly GpuHealth[] | null>;
  readonly log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

/**
 * What can be said before a model is opened: logs the GPUs (null where nothing is known) and throws
 * `provider_unavailable` where their driver cannot run the provider. That the model then really runs on
 * it is for the session to show: it is opened on that provider or not at all, and must give the answer
 * of its manifest before it is given a row.
 */
export async function checkStart(options: StartCheckOptions): Promise<readonly GpuHealth[] | null> {
  const { provider, readHealth, log } = options;
  if (provider === 'cpu') return null;
  const gpus = await readHealth();
  log('start_check', { provider, gpus });
  const problem = provider === 'cuda' ? driverProblem(gpus) : undefined;
  if (problem === undefined) return gpus;
  throw new SwitchyardError('provider_unavailable', problem);
}

/** Logs the GPUs once a minute until the signal, so that a log shows an idle, full or hot one. */
export async function watchGpuHealth(
  options: StartCheckOptions & { readonly clock: Clock; readonly stop: AbortSignal },
): Promise<void> {
  const { readHealth, log, clock, stop } = options;
  for (;;) {
    await clock.sleep(60_000, stop);
    if (stop.aborted) return;
    log('gpu_health', { gpus: await readHealth() });
  }
}
