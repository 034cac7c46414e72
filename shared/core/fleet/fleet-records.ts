import * as z from 'zod';

/**
 * What a fleet submission leaves in the work bucket, below `work/submissions/fleet/<submission>/`. Lambda tells
 * nothing about calls that nobody waits for, so the workers tell it themselves.
 */
export const fleetKeys = {
  /** Written before the first call, so that a crash in between can be found and repeated. */
  intent: (submission: string) => `work/submissions/fleet/${submission}/intent`,
  /** Written once every worker was called. */
  submitted: (submission: string) => `work/submissions/fleet/${submission}/submitted`,
  /** The wish that its workers leave. */
  stop: (submission: string) => `work/submissions/fleet/${submission}/stop`,
  workers: (submission: string) => `work/submissions/fleet/${submission}/workers/`,
  worker: (place: FleetPlace, moment: FleetMoment) =>
    `work/submissions/fleet/${place.submission}/workers/${digits(place.arrayIndex, 4)}/${digits(place.attempt, 2)}/${moment}`,
} as const;

export interface FleetPlace {
  readonly submission: string;
  readonly arrayIndex: number;
  readonly attempt: number;
}

/** `beat` is written again and again while the worker lives; the others once. */
export type FleetMoment = 'started' | 'beat' | 'ended';

export const fleetIntentSchema = z.strictObject({
  workers: z.int().min(1),
  /** Milliseconds since 1970. */
  atMillis: z.number(),
});

export const fleetStopSchema = z.strictObject({ reason: z.string() });

/** `started` and `beat`: when it was written, milliseconds since 1970. */
export const fleetSignSchema = z.strictObject({ atMillis: z.number() });

export const fleetEndSchema = z.strictObject({
  /** `continued`: the next attempt was called. */
  outcome: z.enum(['succeeded', 'failed', 'continued', 'stopped']),
  /** Null where a signal ended the worker, or it never started. */
  exitCode: z.int().nullable(),
  reason: z.string(),
});
export type FleetEnd = z.infer<typeof fleetEndSchema>;

/** How often a living worker writes its beat. */
export const FLEET_BEAT_MILLIS = 15_000;

/** From here on a try counts as dead where its call is repeated: three beats are missing. */
export const FLEET_STALE_MILLIS = 45_000;

/** From here on it counts as dead for everybody; a repeated call may still take its place. */
export const FLEET_LOST_MILLIS = 90_000;

/** Longer than Lambda keeps a call waiting for capacity (15 minutes, as the stacks set it). */
export const FLEET_WAIT_MILLIS = 1_200_000;

/** A try of a worker, from the key of one of its records. */
export function fleetPlaceOf(
  key: string,
): { readonly arrayIndex: number; readonly attempt: number; readonly moment: string } | undefined {
  const match = /\/workers\/(\d+)\/(\d+)\/(\w+)$/.exec(key);
  if (match === null) return undefined;
  const [, arrayIndex, attempt, moment = ''] = match;
  return { arrayIndex: Number(arrayIndex), attempt: Number(attempt), moment };
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
