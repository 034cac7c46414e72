import type { LedgerRange } from '../../ports/ledger.ts';
import { DAY_MILLIS, utcDay } from '../../utc-day.ts';

export const reportPeriods = ['monthly', 'weekly'] as const;
export type ReportPeriod = (typeof reportPeriods)[number];

const WEEK_DAYS = 7;

/** The last month of UTC that is over, `2026-10`, or the last week from Monday on, `week-2026-11-16`. */
export function lastPeriod(
  period: ReportPeriod,
  nowMillis: number,
): LedgerRange & { readonly name: string } {
  const now = new Date(nowMillis);
  if (period === 'monthly') {
    const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
    const fromMillis = Date.UTC(year, month - 1);
    return { fromMillis, toMillis: Date.UTC(year, month), name: utcDay(fromMillis).slice(0, 7) };
  }
  const today = Math.floor(nowMillis / DAY_MILLIS) * DAY_MILLIS;
  const toMillis = today - ((now.getUTCDay() + 6) % WEEK_DAYS) * DAY_MILLIS;
  const fromMillis = toMillis - WEEK_DAYS * DAY_MILLIS;
  return { fromMillis, toMillis, name: `week-${utcDay(fromMillis)}` };
}
