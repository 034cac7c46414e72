import * as z from 'zod';

/** What a rehearsal of spot losses can be told through the environment. */
export const chaosVariables = {
  /** A seed, or a CSV file with an availability trace, `#` and the id of one of its traces. */
  SWITCHYARD_CHAOS: z.string().min(1).optional(),
  /** How many times faster than recorded a trace is replayed. */
  SWITCHYARD_CHAOS_SPEED: z.coerce.number().positive().max(1_000_000).default(1),
  /** Mean time between two losses of a seeded schedule. */
  SWITCHYARD_CHAOS_MEAN_SECONDS: z.coerce.number().positive().max(86_400).default(30),
  /** Time from SIGTERM to SIGKILL; 0 kills without notice. */
  SWITCHYARD_CHAOS_GRACE_MILLIS: z.coerce.number().int().min(0).max(120_000).default(2_000),
} as const;

export interface ChaosSettings {
  readonly source: ChaosSource;
  readonly speed: number;
  readonly meanMillis: number;
  readonly graceMillis: number;
}

type ChaosSource =
  | { readonly kind: 'seed'; readonly seed: number }
  /** Without an id the first trace of the file is meant. */
  | { readonly kind: 'trace'; readonly file: string; readonly traceId: string | undefined };

/** Undefined where no rehearsal is asked for. */
export function chaosSettingsOf(
  variables: z.infer<z.ZodObject<typeof chaosVariables>>,
): ChaosSettings | undefined {
  const { SWITCHYARD_CHAOS: chaos } = variables;
  if (chaos === undefined) return undefined;
  return {
    source: sourceOf(chaos),
    speed: variables.SWITCHYARD_CHAOS_SPEED,
    meanMillis: variables.SWITCHYARD_CHAOS_MEAN_SECONDS * 1_000,
    graceMillis: variables.SWITCHYARD_CHAOS_GRACE_MILLIS,
  };
}

function sourceOf(chaos: string): ChaosSource {
  if (/^\d{1,10}$/.test(chaos) && Number(chaos) < 2 ** 32) {
    return { kind: 'seed', seed: Number(chaos) };
  }
  const [file = '', traceId] = chaos.split('#', 2);
  return { kind: 'trace', file, traceId };
}
