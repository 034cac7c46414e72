import * as z from 'zod';
import { type DriftReport, lastWholeDay } from '#core/drift/drift-report.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { MetricSink } from '#core/ports/metric-sink.ts';
import { DAY_MILLIS } from '#core/utc-day.ts';
import { type DriftPorts, watchDrift } from '#work/drift/watch-drift.ts';
import type { Log } from '../handler-dependencies.ts';

/** A schedule sends much more; by hand a day can be named. */
const callSchema = z.object({ day: z.iso.date().optional() });

/**
 * One run of the drift job: the day that the call names, or the last one whose rows are all there. Its
 * report is written, logged without its counts, and returned.
 */
export function createDriftWatch(
  deps: DriftPorts & { readonly clock: Clock; readonly log: Log; readonly metrics: MetricSink },
): (event: unknown) => Promise<Pick<DriftReport, 'day' | 'verdict'>> {
  return async (event) => {
    const day = callSchema.safeParse(event).data?.day;
    const report = await watchDrift(deps, rangeOf(day, deps.clock));
    const { verdict } = report;
    for (const { model, variant, verdict: own, reason } of report.models) {
      const level = own === 'drifted' || own === 'watch' ? 'warn' : 'info';
      deps.log({ level, event: 'drift', day: report.day, model, variant, verdict: own, reason });
    }
    // Not where there was too little to tell: a metric costs in every hour that has a value.
    if (verdict !== 'too few') {
      const drifted = report.models.filter((each) => each.verdict === 'drifted').length;
      deps.metrics.observe('drifted_models', drifted);
      await deps.metrics.flush();
    }
    return { day: report.day, verdict };
  };
}

function rangeOf(day: string | undefined, clock: Clock) {
  if (day === undefined) return lastWholeDay(clock.epochMillis());
  return { fromMillis: Date.parse(day), toMillis: Date.parse(day) + DAY_MILLIS };
}
