import type { ModelDescription } from '#core/contract/model-view.ts';
import type { FinalOutcome, ItemOutcome } from '#core/contract/predict.ts';
import type { EscalationRule, EscalationSettings } from '#core/escalation/escalation-settings.ts';
import { type EscalationUse, escalationUse } from '#core/escalation/escalation-use.ts';
import { mergeAnswers } from '#core/escalation/merge-answers.ts';
import { planEscalation, type QuestionCost } from '#core/escalation/plan-escalation.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { RescoreOutcome, Rescorer } from '#core/ports/rescorer.ts';

/** First answers of a request, in the order of its texts. */
export interface FirstAnswers {
  readonly model: string;
  readonly texts: readonly string[];
  readonly outcomes: readonly ItemOutcome[];
  /** Until the request's deadline or the end of its invocation; undefined where there is neither. */
  readonly remainingMillis: number | undefined;
  /** What `maxUsd` and the sender's budget leave; undefined where there is neither. */
  readonly remainingUsd: number | undefined;
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
}

interface FinalAnswers {
  readonly outcomes: readonly FinalOutcome[];
  /** Undefined where every answer was certain enough. */
  readonly use: EscalationUse | undefined;
}

/** Asks another about answers that are not certain enough. */
export interface Escalation {
  /** Who is asked about answers of a model, and when; undefined for models without a rule. */
  ruleOf(model: string): ModelDescription['escalation'];
  /**
   * The answers that stand. A second answer that does not come changes nothing: the first stands and says
   * why. Throws only the reason of `signal`.
   */
  escalate(first: FirstAnswers): Promise<FinalAnswers>;
}

export interface EscalationOptions {
  readonly settings: EscalationSettings;
  readonly models: readonly Pick<ModelDescription, 'name' | 'labels'>[];
  /** Who is asked by a rule; called once per rule. */
  readonly openRescorer: (rule: EscalationRule) => Rescorer;
  /** What asking about a text can take; undefined where nobody knows. */
  readonly costOf: (
    rule: EscalationRule,
    text: string,
    labels: readonly string[],
  ) => QuestionCost | undefined;
  readonly clock: Clock;
}

/** Rules that were checked against the models, put to work. */
export function openEscalation(options: EscalationOptions): Escalation {
  const { settings, models } = options;
  const opened = new Map(
    Object.entries(settings).map(([model, rule]) => {
      const labels = models.find(({ name }) => name === model)?.labels ?? [];
      return [model, { rule, labels, rescorer: options.openRescorer(rule) }] as const;
    }),
  );
  return {
    ruleOf: (model) => {
      const entry = opened.get(model);
      return entry && { threshold: entry.rule.threshold, by: entry.rescorer.by };
    },
    escalate: async (first) => {
      const entry = opened.get(first.model);
      if (entry === undefined) return { outcomes: first.outcomes, use: undefined };
      return await escalateBy({ ...entry, costOf: options.costOf, clock: options.clock }, first);
    },
  };
}

interface OpenedRule extends Pick<EscalationOptions, 'costOf' | 'clock'> {
  readonly rule: EscalationRule;
  readonly labels: readonly string[];
  readonly rescorer: Rescorer;
}

async function escalateBy(
  { rule, labels, rescorer, costOf, clock }: OpenedRule,
  first: FirstAnswers,
): Promise<FinalAnswers> {
  const { outcomes, texts, model, remainingMillis, remainingUsd } = first;
  const plan = planEscalation({
    ...{ outcomes, rule, remainingMillis, remainingUsd },
    costOf: (index) => costOf(rule, texts[index] ?? '', labels),
  });
  const { chosen, notes } = plan;
  if (chosen.length + notes.size === 0) return { outcomes, use: undefined };
  const startedMillis = clock.monotonicMillis();
  const asked = chosen.map((index) => texts[index] ?? '');
  const second = await withinTime(plan.timeoutMillis, { clock, signal: first.signal }, (signal) =>
    asked.length === 0 ? Promise.resolve([]) : rescorer.rescore({ texts: asked, labels, signal }),
  );
  first.signal.throwIfAborted();
  const millis = Math.round((clock.monotonicMillis() - startedMillis) * 1_000) / 1_000;
  const { by } = rescorer;
  const facts = { by, threshold: rule.threshold, skipped: notes.size, millis, ...priceOf(rule) };
  return {
    outcomes: mergeAnswers(outcomes, plan, { by, model, outcomes: second }),
    use: escalationUse(second, facts),
  };
}

function priceOf({ to }: EscalationRule): Pick<EscalationUse, 'price'> {
  return to.kind === 'endpoint' && to.price !== undefined ? { price: to.price } : {};
}

async function withinTime(
  millis: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  ask: (signal: AbortSignal) => Promise<readonly RescoreOutcome[]>,
): Promise<readonly RescoreOutcome[]> {
  const answered = new AbortController();
  const late = new AbortController();
  void clock.sleep(millis, answered.signal).then(() => late.abort());
  try {
    return await ask(AbortSignal.any([late.signal, signal]));
  } finally {
    answered.abort();
  }
}
