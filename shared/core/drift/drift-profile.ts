import * as z from 'zod';
import type { PredictionDigest } from '../predictions/prediction-digest.ts';

/** Upper ends of bins, the last of which is open. Close together where confident models are. */
const scoreEnds = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999] as const;
const charEnds = [8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096] as const;
const tokenEnds = [4, 8, 16, 24, 32, 48, 64, 128, 256, 512] as const;

/** Labels that are told apart; those of a model are few, and a profile must not grow without end. */
const MOST_LABELS = 1_000;
const OTHER_LABEL = 'other labels';

const count = z.int().nonnegative();
const countsFor = (ends: readonly number[]) => z.array(count).length(ends.length + 1);

/** What a model was asked and what it said in some time: counts only, so profiles can be added. */
export const driftProfileSchema = z.object({
  /** Texts that came to the model. */
  items: count,
  /** Of these, without an answer; and requests that failed as a whole. */
  failed: count,
  truncated: count,
  labels: z.record(z.string(), count),
  scores: countsFor(scoreEnds),
  chars: countsFor(charEnds),
  tokens: countsFor(tokenEnds),
});
export type DriftProfile = z.infer<typeof driftProfileSchema>;

export function emptyProfile(): DriftProfile {
  const zeros = (ends: readonly number[]) => Array<number>(ends.length + 1).fill(0);
  return {
    ...{ items: 0, failed: 0, truncated: 0, labels: {} },
    scores: zeros(scoreEnds),
    chars: zeros(charEnds),
    tokens: zeros(tokenEnds),
  };
}

/** Counts one more text; the profile is changed in place, since there may be millions. */
export function countItem(profile: DriftProfile, item: PredictionDigest['items'][number]): void {
  profile.items += 1;
  countIn(profile.chars, charEnds, item.chars);
  if (item.code !== undefined) profile.failed += 1;
  if (item.truncated === true) profile.truncated += 1;
  if (item.tokens !== undefined) countIn(profile.tokens, tokenEnds, item.tokens);
  if (item.score !== undefined) countIn(profile.scores, scoreEnds, item.score);
  if (item.label !== undefined) countLabel(profile.labels, item.label);
}

function countLabel(labels: Record<string, number>, label: string): void {
  const isKnown = Object.hasOwn(labels, label);
  const name = isKnown || Object.keys(labels).length < MOST_LABELS ? label : OTHER_LABEL;
  labels[name] = labelCount(labels, name) + 1;
}

/** 0 for a label that was never given, also where it is called `constructor`. */
export function labelCount(labels: DriftProfile['labels'], label: string): number {
  return Object.hasOwn(labels, label) ? (labels[label] ?? 0) : 0;
}

function countIn(counts: number[], ends: readonly number[], value: number): void {
  const found = ends.findIndex((end) => value <= end);
  const at = found === -1 ? ends.length : found;
  counts[at] = (counts[at] ?? 0) + 1;
}
