import type { Assumptions } from './assumptions.ts';
import type { LedgerSummary } from './ledger-summary.ts';
import type { Workload } from './workload.ts';

const HOUR_MILLIS = 3_600_000;
const HOURS_PER_MONTH = 730;

/**
 * A ledger's time from its first row until `untilMillis`, drawn out to a month: quiet hours after the last
 * row count, else two busy days in a month would be taken for a busy month. Less than an hour counts as one.
 */
export function workloadOfLedger(summary: LedgerSummary, untilMillis: number): Workload {
  const lastMillis = Math.max(Date.parse(summary.to), untilMillis);
  const spanMillis = lastMillis - Date.parse(summary.from);
  const hours = Math.max(1, spanMillis / HOUR_MILLIS);
  const perMonth = HOURS_PER_MONTH / hours;
  const rows = summary.requests + summary.attempts;
  return {
    origin: 'ledger',
    detail: `${rows} rows of ${hours.toFixed(1)} hours, drawn out to a month`,
    requestsPerMonth: Math.round(summary.requests * perMonth),
    bulkItemsPerMonth: Math.round(summary.jobItems * perMonth),
    jobsPerMonth: summary.jobs * perMonth,
  };
}

/** What the ledger measured, in place of what was assumed. */
export function assumptionsOfLedger(summary: LedgerSummary, a: Assumptions): Assumptions {
  const { meanCallMillis, meanBulkMillis } = summary;
  return {
    ...a,
    callMillis: meanCallMillis ?? a.callMillis,
    bulkMillisPerItem: meanBulkMillis ?? a.bulkMillisPerItem,
  };
}
