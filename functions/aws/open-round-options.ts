import { createHttpNotifier } from '#adapters/local/http-notifier.ts';
import { DAY_MILLIS } from '#core/utc-day.ts';
import type { RoundOptions } from '#work/reconcile/reconcile-all.ts';

/** What becomes of jobs that have ended: their webhooks are called and old objects removed. */
export function openRoundOptions(settings: {
  readonly SWITCHYARD_RETENTION_DAYS: number;
}): Omit<RoundOptions, 'onTrouble'> {
  return {
    notifier: createHttpNotifier({ allowsLoopback: false }),
    retentionMillis: settings.SWITCHYARD_RETENTION_DAYS * DAY_MILLIS,
  };
}
