import { type CountsComparison, compareCounts } from './compare-counts.ts';
import { type DriftProfile, labelCount } from './drift-profile.ts';

export const driftVerdicts = ['stable', 'watch', 'drifted', 'too few'] as const;
type DriftVerdict = (typeof driftVerdicts)[number];

/** A model with what it was and what it is. */
export interface DriftPair {
  readonly model: string;
  readonly variant: string;
  readonly baseline: DriftProfile;
  readonly window: DriftProfile;
}

export const driftFeatures = [
  'labels',
  'scores',
  'chars',
  'tokens',
  'truncated',
  'failed',
] as const;

/** One thing that was compared. */
interface FeatureDrift {
  readonly feature: (typeof driftFeatures)[number];
  /** Population stability index, or for a share the difference of the shares. */
  readonly effect: number;
  /** After the correction for everything else that the report tests. */
  readonly pValue: number;
  readonly verdict: Exclude<DriftVerdict, 'too few'>;
}

export interface ModelDrift {
  readonly model: string;
  readonly variant: string;
  readonly verdict: DriftVerdict;
  /** One sentence for people. */
  readonly reason: string;
  readonly features: readonly FeatureDrift[];
}

/**
 * The chance that a report in which nothing has changed calls anything else than stable, at most: over
 * all of its models and features together.
 */
export const DRIFT_ALPHA = 0.01;

/** Fewer texts than this on either side are not compared: the smallest shifts that matter would drown. */
export const LEAST_ITEMS = 500;

interface Feature {
  readonly name: FeatureDrift['feature'];
  readonly counts: (profile: DriftProfile, other: DriftProfile) => readonly number[];
  /** Effect from which a significant change is worth a look, and from which it is a drift. */
  readonly levels: readonly [watch: number, drifted: number];
  readonly isShare: boolean;
}

const psiLevels = [0.1, 0.25] as const;
const features: readonly Feature[] = [
  { name: 'labels', counts: labelCounts, levels: psiLevels, isShare: false },
  { name: 'scores', counts: ({ scores }) => scores, levels: psiLevels, isShare: false },
  { name: 'chars', counts: ({ chars }) => chars, levels: psiLevels, isShare: false },
  { name: 'tokens', counts: ({ tokens }) => tokens, levels: psiLevels, isShare: false },
  {
    name: 'truncated',
    counts: ({ items, truncated }) => [items - truncated, truncated],
    levels: [0.02, 0.1],
    isShare: true,
  },
  {
    name: 'failed',
    counts: ({ items, failed }) => [items - failed, failed],
    levels: [0.01, 0.05],
    isShare: true,
  },
];

interface Tested {
  readonly pair: DriftPair;
  readonly feature: Feature;
  readonly comparison: CountsComparison;
  readonly counts: readonly [was: readonly number[], is: readonly number[]];
}

/**
 * Judges every model by every feature. A change counts where chance does not explain it AND it is large
 * enough to matter: with a million texts everything is significant, with few everything is large. The
 * chances are corrected over the whole report (Holm, A simple sequentially rejective multiple test
 * procedure, Scand. J. Statistics, 1979), so more models do not mean more false alarms.
 */
export function judgeDrift(pairs: readonly DriftPair[]): readonly ModelDrift[] {
  const enough = pairs.filter(hasEnough);
  const tested = enough.flatMap((pair) => features.flatMap((feature) => test(pair, feature) ?? []));
  const corrected = holm(tested.map(({ comparison }) => comparison.pValue));
  return pairs.map((pair) => {
    if (!hasEnough(pair)) return tooFew(pair);
    const own = tested.flatMap((each, at) =>
      each.pair === pair ? [judged(each, corrected[at] ?? 1)] : [],
    );
    return summed(pair, own);
  });
}

function hasEnough({ baseline, window }: DriftPair): boolean {
  return Math.min(baseline.items, window.items) >= LEAST_ITEMS;
}

function test(pair: DriftPair, feature: Feature): Tested | undefined {
  const was = feature.counts(pair.baseline, pair.window);
  const is = feature.counts(pair.window, pair.baseline);
  const comparison = compareCounts(was, is);
  return comparison === undefined ? undefined : { pair, feature, comparison, counts: [was, is] };
}

function judged({ feature, comparison, counts }: Tested, pValue: number) {
  const [was, is] = counts.map(
    (each) => (each[1] ?? 0) / each.reduce((sum, count) => sum + count, 0),
  );
  const effect = feature.isShare ? (is ?? 0) - (was ?? 0) : comparison.psi;
  const [watch, drifted] = feature.levels;
  const size = Math.abs(effect);
  const level = size >= drifted ? 'drifted' : size >= watch ? 'watch' : 'stable';
  const verdict = pValue < DRIFT_ALPHA ? level : 'stable';
  const told = feature.isShare ? `${percent(was)} → ${percent(is)}` : `PSI ${effect.toFixed(2)}`;
  return { feature: feature.name, effect, pValue, verdict, told } as const;
}

function summed(pair: DriftPair, own: readonly ReturnType<typeof judged>[]): ModelDrift {
  const { model, variant } = pair;
  const found = own.filter(({ verdict }) => verdict !== 'stable');
  const verdict = found.some((each) => each.verdict === 'drifted')
    ? 'drifted'
    : found.length > 0
      ? 'watch'
      : 'stable';
  const reason =
    found.length === 0
      ? 'no change that is both larger than chance and large enough to matter'
      : found
          .map(({ feature, told, pValue }) => `${feature} ${told}, ${chance(pValue)}`)
          .join('; ');
  return { model, variant, verdict, reason, features: own.map(({ told: _, ...each }) => each) };
}

function tooFew({ model, variant, baseline, window }: DriftPair): ModelDrift {
  const reason = `${window.items} texts now and ${baseline.items} in the baseline; it takes ${LEAST_ITEMS} of each`;
  return { model, variant, verdict: 'too few', reason, features: [] };
}

/** Adjusted p-values in the order given. */
function holm(pValues: readonly number[]): readonly number[] {
  const order = [...pValues.keys()].sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted: number[] = Array(pValues.length).fill(1);
  let largest = 0;
  for (const [rank, at] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * (pValues[at] ?? 1)));
    adjusted[at] = largest;
  }
  return adjusted;
}

/** Both sides in one order, the commonest first: what is rare is put together at the end. */
function labelCounts({ labels }: DriftProfile, other: DriftProfile): readonly number[] {
  const names = [...new Set([...Object.keys(labels), ...Object.keys(other.labels)])];
  const total = (name: string) => labelCount(labels, name) + labelCount(other.labels, name);
  return names
    .sort((left, right) => total(right) - total(left) || (left < right ? -1 : 1))
    .map((name) => labelCount(labels, name));
}

function percent(share: number | undefined): string {
  return `${((share ?? 0) * 100).toFixed(1)} %`;
}

function chance(pValue: number): string {
  return pValue < 0.001 ? 'p < 0.001' : `p = ${pValue.toFixed(3)}`;
}
