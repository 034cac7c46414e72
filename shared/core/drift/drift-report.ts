import * as z from 'zod';
import { DAY_MILLIS } from '../utc-day.ts';
import { driftProfileSchema } from './drift-profile.ts';
import { driftFeatures, driftVerdicts, type ModelDrift } from './judge-drift.ts';

/** What later windows of a model and variant are compared with. */
export const driftBaselineSchema = z.object({
  schema: z.literal(1),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  profile: driftProfileSchema,
});
export type DriftBaseline = z.infer<typeof driftBaselineSchema>;

const featureSchema = z.object({
  feature: z.enum(driftFeatures),
  /** Population stability index, or for a share the difference of the shares. */
  effect: z.number(),
  /** After the correction for everything else that the report tests. */
  p_value: z.number(),
  verdict: z.enum(driftVerdicts).exclude(['too few']),
});

/** `reports/drift/{day}.json`. */
export const driftReportSchema = z.object({
  schema: z.literal(1),
  /** Last day of the window. */
  day: z.iso.date(),
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  /** Chance that a report without any change calls something else than stable. */
  alpha: z.number(),
  verdict: z.enum(driftVerdicts),
  models: z.array(
    z.object({
      model: z.string(),
      variant: z.string(),
      verdict: z.enum(driftVerdicts),
      reason: z.string(),
      /** Null where there is none yet. */
      baseline: z.object({ from: z.string(), to: z.string(), items: z.int() }).nullable(),
      features: z.array(featureSchema),
      window: driftProfileSchema,
    }),
  ),
});
export type DriftReport = z.infer<typeof driftReportSchema>;

/** The gravest of several; of none or of too few, too few. */
export function gravestVerdict(
  drifts: readonly Pick<ModelDrift, 'verdict'>[],
): DriftReport['verdict'] {
  const found = new Set(drifts.map(({ verdict }) => verdict));
  return (
    (['drifted', 'watch', 'stable'] as const).find((verdict) => found.has(verdict)) ?? 'too few'
  );
}

/** The last whole day of UTC whose rows have all arrived: the log takes a quarter of an hour. */
export function lastWholeDay(nowMillis: number): {
  readonly fromMillis: number;
  readonly toMillis: number;
} {
  const deliveredMillis = nowMillis - 3_600_000;
  const toMillis = Math.floor(deliveredMillis / DAY_MILLIS) * DAY_MILLIS;
  return { fromMillis: toMillis - DAY_MILLIS, toMillis };
}
