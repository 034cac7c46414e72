import type { Clock } from '#core/ports/clock.ts';
import type { InstanceMetadata, SpotNotice } from './instance-metadata.ts';

export interface ReclaimWatch {
  readonly metadata: Pick<InstanceMetadata, 'spotNotice' | 'rebalance'>;
  readonly clock: Clock;
  readonly pollMillis: number;
  readonly stop: AbortSignal;
  /** Called once, with the time that is left before the instance goes; undefined is unknown. */
  readonly onReclaim: (notice: { readonly action: string; readonly millisLeft?: number }) => void;
  /** Called once per recommendation; it asks for nothing yet. */
  readonly onRebalance: (noticeTime: string) => void;
}

/**
 * Asks the instance, now and every few seconds, whether it will be taken away; ends after a notice.
 * Amazon ECS stops no standalone task ahead of a reclaim, so nobody else would tell the worker. A
 * service that does not answer is no notice: the next round asks again.
 */
export async function watchForReclaim(watch: ReclaimWatch): Promise<void> {
  const { metadata, clock, stop } = watch;
  let lastRebalance: string | undefined;
  while (!stop.aborted) {
    const startMillis = clock.monotonicMillis();
    const [notice, rebalance] = await Promise.all([metadata.spotNotice(), metadata.rebalance()]);
    if (typeof notice !== 'string') return watch.onReclaim(timeLeft(notice, clock));
    if (rebalance !== 'none' && rebalance !== 'unknown' && rebalance !== lastRebalance) {
      lastRebalance = rebalance;
      watch.onRebalance(rebalance);
    }
    const tookMillis = clock.monotonicMillis() - startMillis;
    await clock.sleep(Math.max(0, watch.pollMillis - tookMillis), stop);
  }
}

// EC2 gives two minutes; a notice that promises more was read by a clock that is wrong.
const MAX_NOTICE_MILLIS = 120_000;

function timeLeft(notice: SpotNotice, clock: Clock) {
  const { action, atEpochMillis } = notice;
  if (atEpochMillis === undefined) return { action };
  const millisLeft = Math.min(MAX_NOTICE_MILLIS, Math.max(0, atEpochMillis - clock.epochMillis()));
  return { action, millisLeft };
}
