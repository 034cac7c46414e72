import type { ItemOutcome } from '#core/contract/predict.ts';
import { answerLines } from '#core/cost/answer-lines.ts';
import type { LaneRates } from '#core/cost/lane-rates.ts';
import { sumUsd } from '#core/cost/usd.ts';
import { planEscalation } from '#core/escalation/plan-escalation.ts';

/** What one model said about the rows, and what it took for each by itself. */
export interface Tier {
  readonly name: string;
  readonly outcomes: readonly ItemOutcome[];
  /** Mean CPU time of one row by itself. */
  readonly millisPerRow: number;
}

/** One way to answer the rows, as accurate and as dear as it is. */
export interface FrontierPoint {
  readonly way: string;
  /** Undefined where one model answers alone. */
  readonly threshold: number | undefined;
  /** Share of the rows that the larger model was asked about, 0–1. */
  readonly escalated: number;
  readonly right: number;
  /** 0–1. */
  readonly accuracy: number;
  /** 1,000 requests of one row on Lambda behind the API, log included. */
  readonly usdPer1000: number;
  /** Of it, the time of the models: all that a choice of model changes. */
  readonly modelUsdPer1000: number;
}

export const frontierThresholds = [0.55, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999] as const;

/** The small model alone, the cascade at each threshold, the large model alone. */
export function escalationFrontier(
  labels: readonly string[],
  tiers: { readonly small: Tier; readonly large: Tier },
  rates: LaneRates,
): readonly FrontierPoint[] {
  const { small, large } = tiers;
  const point = (
    way: string,
    threshold: number | undefined,
    answers: readonly ItemOutcome[],
    asked: number,
  ): FrontierPoint => {
    const rows = labels.length;
    const right = answers.filter((each, at) => labelOf(each) === labels[at]).length;
    const millis = way === large.name ? large.millisPerRow : small.millisPerRow;
    const both = small.millisPerRow + large.millisPerRow;
    const escalated = way === large.name ? 0 : asked / rows;
    const usdOf = (price: (millis: number) => number) =>
      1_000 * ((1 - escalated) * price(millis) + escalated * price(both));
    return {
      ...{ way, threshold, escalated, right, accuracy: right / rows },
      usdPer1000: usdOf((each) => requestUsd(each, rates)),
      modelUsdPer1000: usdOf((each) => requestUsd(each, rates) - requestUsd(0, rates)),
    };
  };
  const cascade = frontierThresholds.map((threshold) => {
    const isAsked = small.outcomes.map((outcome) => asksAbout(outcome, threshold));
    const answers = small.outcomes.map((outcome, at) =>
      isAsked[at] === true ? (large.outcomes[at] ?? outcome) : outcome,
    );
    const asked = isAsked.filter(Boolean).length;
    return point(`${small.name} → ${large.name}`, threshold, answers, asked);
  });
  return [
    point(small.name, undefined, small.outcomes, 0),
    ...cascade,
    point(large.name, undefined, large.outcomes, 0),
  ];
}

/** The decision that requests of one text meet. */
function asksAbout(outcome: ItemOutcome, threshold: number): boolean {
  const { chosen } = planEscalation({
    outcomes: [outcome],
    rule: { threshold, maxItems: 8, maxShare: 1, timeoutMs: 5_000 },
    remainingMillis: undefined,
    remainingUsd: undefined,
    costOf: () => undefined,
  });
  return chosen.length > 0;
}

function requestUsd(millis: number, rates: LaneRates): number {
  return sumUsd(answerLines(millis, rates).map(({ usd }) => usd)).toNumber();
}

function labelOf(outcome: ItemOutcome): string | undefined {
  if (!outcome.ok || outcome.answer.kind !== 'classification') return undefined;
  return outcome.answer.scores[0]?.label;
}
