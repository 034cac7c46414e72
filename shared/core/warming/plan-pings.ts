import { MOST_HOLD_MILLIS, type WarmUpAnswer } from './warm-up-ping.ts';

/** Pings are sent this often; a scheduled run must end well before the next one. */
export const MOST_ROUNDS = 3;

/** One ping and what became of it. */
export type PingOutcome =
  | { readonly ok: true; readonly answer: WarmUpAnswer }
  | { readonly ok: false; readonly reason: string };

export interface PingRound {
  /** Sent at once. */
  readonly pings: number;
  readonly holdMillis: number;
}

/**
 * The next round of pings, or undefined when as many environments as wanted have answered, or trying
 * longer would not help. All are sent again, not the missing ones: environments that were warmed
 * before must be held again, or Lambda would give them to the new pings.
 */
export function nextRound(
  wanted: { readonly environments: number; readonly holdMillis: number },
  rounds: readonly (readonly PingOutcome[])[],
): PingRound | undefined {
  if (rounds.length === 0) return { pings: wanted.environments, holdMillis: wanted.holdMillis };
  if (environmentsOf(rounds.flat()).length >= wanted.environments) return undefined;
  if (rounds.length >= MOST_ROUNDS) return undefined;
  // Where everything failed, a longer hold cannot be the remedy.
  if (rounds.at(-1)?.every(({ ok }) => !ok)) return undefined;
  const holdMillis = Math.max(wanted.holdMillis, 50) * 4 ** rounds.length;
  return { pings: wanted.environments, holdMillis: Math.min(holdMillis, MOST_HOLD_MILLIS) };
}

/** Ids of the environments that answered, each once. */
export function environmentsOf(outcomes: readonly PingOutcome[]): readonly string[] {
  const ids = outcomes.flatMap((each) => (each.ok ? [each.answer.environmentId] : []));
  return [...new Set(ids)];
}
