import { lastPeriod, type ReportPeriod } from '#core/cost/report/report-period.ts';
import type { Clock } from '#core/ports/clock.ts';
import {
  type CostReportPorts,
  reportCosts,
  type WrittenReport,
} from '#work/report/report-costs.ts';
import type { Log } from '../handler-dependencies.ts';

/** One run of the cost report: the last period that is over, written once. */
export function createCostReporter(deps: {
  readonly clock: Clock;
  readonly log: Log;
  readonly period: ReportPeriod;
  /** Opened for each run: the prices are those of its day, and lines without one are counted anew. */
  readonly open: () => CostReportPorts;
}): () => Promise<WrittenReport> {
  return async () => {
    const period = lastPeriod(deps.period, deps.clock.epochMillis());
    const written = await reportCosts(deps.open(), period);
    deps.log({ event: 'costs_reported', ...written });
    return written;
  };
}
