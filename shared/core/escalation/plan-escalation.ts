import type { EscalationNote, EscalationSkip } from '../contract/escalation.ts';
import type { ItemOutcome } from '../contract/predict.ts';
import type { EscalationRule } from './escalation-settings.ts';

/** First answers of a request, and what its sender leaves for second ones. */
export interface EscalationAsk {
  readonly outcomes: readonly ItemOutcome[];
  readonly rule: Pick<EscalationRule, 'threshold' | 'maxItems' | 'maxShare' | 'timeoutMs'>;
  /** Until the request's deadline; undefined where it has none. */
  readonly remainingMillis: number | undefined;
  /** What `maxUsd` and the sender's budget leave; undefined where there is neither. */
  readonly remainingUsd: number | undefined;
  /** What asking about an item can take; undefined where nobody knows. */
  readonly costOf: (index: number) => QuestionCost | undefined;
}

export interface QuestionCost {
  /** The most that it can cost; undefined where no price is known. */
  readonly usd: number | undefined;
  /** Time of a model that answers one item after the other; 0 where many are asked at once. */
  readonly millis: number;
}

export interface EscalationPlan {
  /** Indices of the items to ask about, ascending. */
  readonly chosen: readonly number[];
  /** Items below the threshold that are not asked about, and why. */
  readonly notes: ReadonlyMap<number, EscalationNote>;
  /** Longest wait, so that the request's deadline holds. */
  readonly timeoutMillis: number;
}

/** Kept free before a deadline: the answer has to be shaped and to leave. */
const ANSWER_MILLIS = 20;
/** A shorter wait is not worth a question: no model and no endpoint answers sooner. */
const LEAST_WAIT_MILLIS = 10;

/**
 * Which answers are asked of another: those below the threshold, the least certain first, as many as the
 * rule, the deadline and the price limit allow. A tighter limit only ever takes items away.
 */
export function planEscalation(ask: EscalationAsk): EscalationPlan {
  const { rule, outcomes } = ask;
  const uncertain = outcomes
    .flatMap((outcome, index) => {
      const score = scoreOf(outcome);
      return score !== undefined && score < rule.threshold ? [{ index, score }] : [];
    })
    .sort((left, right) => left.score - right.score || left.index - right.index)
    .map(({ index }) => index);
  const timeoutMillis = Math.min(rule.timeoutMs, (ask.remainingMillis ?? Infinity) - ANSWER_MILLIS);
  if (timeoutMillis < LEAST_WAIT_MILLIS) {
    return { chosen: [], notes: notesOf(uncertain, 'deadline'), timeoutMillis: 0 };
  }
  const allowed = Math.min(rule.maxItems, Math.ceil(rule.maxShare * outcomes.length));
  const notes = notesOf(uncertain.slice(allowed), 'max_items');
  const hasDeadline = ask.remainingMillis !== undefined;
  const limits = { usd: ask.remainingUsd, millis: hasDeadline ? timeoutMillis : undefined };
  const chosen = withinLimits(uncertain.slice(0, allowed), { ...ask, limits, notes });
  return { chosen: chosen.sort((left, right) => left - right), notes, timeoutMillis };
}

/** Best score of a classification; nothing else has a confidence. */
function scoreOf(outcome: ItemOutcome): number | undefined {
  if (!outcome.ok || outcome.answer.kind !== 'classification') return undefined;
  return outcome.answer.scores[0]?.score;
}

interface Limits {
  readonly usd: number | undefined;
  readonly millis: number | undefined;
}

function withinLimits(
  wanted: readonly number[],
  given: Pick<EscalationAsk, 'costOf'> & {
    readonly limits: Limits;
    readonly notes: Map<number, EscalationNote>;
  },
): number[] {
  const left = { usd: given.limits.usd ?? Infinity, millis: given.limits.millis ?? Infinity };
  let reason: EscalationSkip | undefined;
  return wanted.filter((index) => {
    const cost = given.costOf(index);
    // Once an item does not fit, no other jumps the queue for being shorter.
    reason ??= obstacleOf(cost, left);
    if (reason !== undefined) given.notes.set(index, skipped(reason));
    left.usd -= cost?.usd ?? 0;
    left.millis -= cost?.millis ?? 0;
    return reason === undefined;
  });
}

function obstacleOf(
  cost: QuestionCost | undefined,
  left: { readonly usd: number; readonly millis: number },
): EscalationSkip | undefined {
  if (left.usd < Infinity && cost?.usd === undefined) return 'price_unknown';
  if ((cost?.usd ?? 0) > left.usd) return 'price_limit';
  return (cost?.millis ?? 0) > left.millis ? 'deadline' : undefined;
}

function notesOf(indices: readonly number[], reason: EscalationSkip): Map<number, EscalationNote> {
  return new Map(indices.map((index) => [index, skipped(reason)]));
}

function skipped(reason: EscalationSkip): EscalationNote {
  return { status: 'skipped', reason };
}
