import { readFile } from 'node:fs/promises';
import type { ProcessJobQueue } from '#adapters/local/process-job-queue.ts';
import { type AvailabilityTrace, readAvailabilityTrace } from '#core/chaos/availability-trace.ts';
import { scheduleKills } from '#core/chaos/kill-schedule.ts';
import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { Log } from '../../handler-dependencies.ts';
import type { ChaosSettings } from './chaos-settings.ts';

/** What a rehearsal may do to the workers. */
interface ChaosTarget {
  readonly queue: Pick<ProcessJobQueue, 'running' | 'reclaim' | 'setCapacity'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly stop: AbortSignal;
}

/** Losses that are ready to happen; runs until `stop` fires. */
export type Chaos = (target: ChaosTarget) => Promise<void>;

/**
 * Prepares a rehearsal: reads its trace, if it has one. Throws `invalid_setting` for a file that is
 * not there or holds no such trace.
 */
export async function prepareChaos(settings: ChaosSettings): Promise<Chaos> {
  const { source } = settings;
  if (source.kind === 'seed') return (target) => killBySeed(source.seed, settings, target);
  const csv = await readFile(source.file, 'utf8').catch((cause: unknown) => {
    const detail = `The chaos trace ${source.file} cannot be read. Give a seed (a whole number) or a CSV file.`;
    throw new SwitchyardError('invalid_setting', detail, { cause });
  });
  const trace = readAvailabilityTrace(csv, source.traceId);
  return (target) => replayTrace(trace, settings, target);
}

async function killBySeed(seed: number, settings: ChaosSettings, target: ChaosTarget) {
  const { queue, clock, log, stop } = target;
  const { meanMillis, graceMillis } = settings;
  log({ event: 'chaos_started', seed, meanMillis, graceMillis });
  let losses = 0;
  for (const { afterMillis, share } of scheduleKills({ seed, meanMillis })) {
    await clock.sleep(afterMillis, stop);
    if (stop.aborted) return;
    const running = queue.running();
    const worker = running[Math.floor(share * running.length)];
    if (worker === undefined) continue;
    losses += 1;
    log({ event: 'chaos_reclaim', seed, loss: losses, graceMillis, ...worker });
    queue.reclaim(worker, graceMillis);
  }
}

async function replayTrace(trace: AvailabilityTrace, settings: ChaosSettings, target: ChaosTarget) {
  const { queue, clock, log, stop } = target;
  const { speed, graceMillis } = settings;
  log({ event: 'chaos_started', trace: trace.id, speed, graceMillis });
  const startMillis = clock.monotonicMillis();
  let traceSeconds = 0;
  // A trace that is over starts again: a job may take longer than was recorded.
  for (let at = 0; !stop.aborted; at = (at + 1) % trace.runs.length) {
    const run = trace.runs[at];
    if (run === undefined) return;
    const reclaimed = queue.setCapacity(run.nodes, graceMillis);
    log({ event: 'chaos_capacity', nodes: run.nodes, traceSeconds, reclaimed });
    traceSeconds += run.durationSeconds;
    // From the start, so that late timers do not add up.
    const untilMillis = startMillis + (traceSeconds * 1_000) / speed;
    await clock.sleep(Math.max(1, untilMillis - clock.monotonicMillis()), stop);
  }
}
