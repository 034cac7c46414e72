import type { BudgetStatus } from '#core/contract/budget.ts';
import type { FinalOutcome } from '#core/contract/predict.ts';
import type { AnswerFacts } from '#core/contract/shape-answer.ts';
import { plainUsd } from '#core/cost/plain-usd.ts';
import { type EscalationUse, escalationSummary } from '#core/escalation/escalation-use.ts';
import type { RequestUse } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { type InlineAnswer, type InlineRequest, runInference } from './run-inference.ts';

interface AnswerRequest extends InlineRequest {
  readonly maxUsd?: number | undefined;
  readonly budget: BudgetStatus | undefined;
  /** Until the invocation is ended, with whatever answer there is by then. */
  readonly remainingMillis: () => number;
  /** False where the caller wants the first answers whatever they are. */
  readonly escalate?: boolean | undefined;
}

interface FinalAnswer {
  readonly outcomes: readonly FinalOutcome[];
  readonly facts: AnswerFacts;
  readonly usage: RequestUse;
}

/**
 * The answers of the model, and second ones for those that are not certain enough, where that is set up.
 * Throws what {@link runInference} throws; nothing that escalation does or fails to do is an error.
 */
export async function answerTexts(
  request: AnswerRequest,
  deps: InferenceDependencies,
): Promise<FinalAnswer> {
  const startedMillis = deps.clock.monotonicMillis();
  const first = await runInference(request, deps);
  if (deps.escalation === undefined || request.escalate === false) return first;
  const { outcomes, use } = await deps.escalation.escalate({
    model: request.model,
    texts: request.texts,
    outcomes: first.outcomes,
    remainingMillis: Math.min(
      request.remainingMillis(),
      (request.deadlineMs ?? Infinity) - (deps.clock.monotonicMillis() - startedMillis),
    ),
    remainingUsd: remainingUsd(request, first),
    signal: request.signal,
  });
  if (use === undefined) return first;
  if (use.failed > 0) deps.log({ event: 'escalation_failed', ...failureEntry(request, use) });
  return { outcomes, ...withEscalation(first, use, deps) };
}

function remainingUsd(
  { maxUsd, budget }: AnswerRequest,
  { facts }: InlineAnswer,
): number | undefined {
  const left =
    budget && Number(budget.limitUsd) - Number(budget.spentUsd) - Number(budget.promisedUsd);
  const limits = [maxUsd, left].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits) - facts.cost.usd);
}

function failureEntry({ model, requestId }: AnswerRequest, { by, failed, reasons }: EscalationUse) {
  return { level: 'warn', request_id: requestId, model, to: by.model, failed, reasons };
}

function withEscalation(
  { facts, usage }: InlineAnswer,
  use: EscalationUse,
  { costOf }: Pick<InferenceDependencies, 'costOf'>,
): Omit<FinalAnswer, 'outcomes'> {
  const processingMillis = usage.processingMillis + use.millis;
  const cost = costOf({ ...usage, processingMillis });
  const timeUsd = Math.max(0, plainUsd(cost.usd - facts.cost.usd));
  const summary = escalationSummary(use, timeUsd);
  return {
    usage: { ...usage, escalation: use },
    facts: {
      ...facts,
      processing_time_ms: Math.round(processingMillis * 1_000) / 1_000,
      cost: {
        usd: plainUsd(facts.cost.usd + (summary.usd ?? timeUsd)),
        basis: use.by.kind === 'model' ? cost.basis : `${cost.basis}; endpoint: ${summary.basis}`,
      },
      escalation_summary: summary,
    },
  };
}
