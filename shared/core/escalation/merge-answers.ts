import type { EscalationAnswerer } from '../contract/escalation.ts';
import type {
  ChosenLabel,
  FinalOutcome,
  ItemAnswer,
  ItemEscalation,
  ItemOutcome,
} from '../contract/predict.ts';
import type { RescoreOutcome } from '../ports/rescorer.ts';
import type { EscalationPlan } from './plan-escalation.ts';

/** Second answers, in the order of the plan's `chosen`. */
export interface SecondAnswers {
  readonly by: EscalationAnswerer;
  /** Whose answers were asked about. */
  readonly model: string;
  readonly outcomes: readonly RescoreOutcome[];
}

/** The answers that stand: the second where there is one, else the first, saying why. */
export function mergeAnswers(
  first: readonly ItemOutcome[],
  { chosen, notes }: Pick<EscalationPlan, 'chosen' | 'notes'>,
  second: SecondAnswers,
): readonly FinalOutcome[] {
  const merged: FinalOutcome[] = [...first];
  for (const [index, note] of notes)
    replace(merged, index, (answer) => ({ ...answer, escalation: { escalation: note } }));
  for (const [place, index] of chosen.entries()) {
    const outcome = second.outcomes[place];
    replace(merged, index, (answer) => secondAnswer(answer, outcome, second));
  }
  return merged;
}

type Classification = Extract<ItemAnswer, { kind: 'classification' }>;

function replace(
  outcomes: FinalOutcome[],
  index: number,
  change: (answer: Classification) => Classification | ChosenLabel,
): void {
  const outcome = outcomes[index];
  if (!outcome?.ok || outcome.answer.kind !== 'classification') return;
  const answer = change(outcome.answer);
  outcomes[index] = answer.kind === 'label' ? { ok: true, answer } : { ok: true, answer };
}

function secondAnswer(
  answer: Classification,
  outcome: RescoreOutcome | undefined,
  { by, model }: Pick<SecondAnswers, 'by' | 'model'>,
): Classification | ChosenLabel {
  if (!outcome?.ok) {
    const reason = outcome?.reason ?? 'invalid_answer';
    return { ...answer, escalation: { escalation: { status: 'failed', reason } } };
  }
  const [best] = answer.scores;
  const from = { label: best?.label ?? '', score: best?.score ?? 0, model };
  const escalation: ItemEscalation = { escalated: { by, from } };
  // Tokens stay those of the first answer: what the second one read is told in the summary.
  const { tokens } = answer;
  const { truncated, scores, label } = outcome;
  return scores === undefined
    ? { kind: 'label', label, truncated, tokens, escalation }
    : { kind: 'classification', scores, truncated, tokens, escalation };
}
