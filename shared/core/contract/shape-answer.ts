import { type ErrorCode, errorCodes } from '../error-codes.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import type { CheckedText } from './check-texts.ts';
import { itemResult } from './item-result.ts';
import type { FinalOutcome } from './predict.ts';
import type {
  AnswerEnvelope,
  ItemError,
  PredictBatchResponse,
  PredictResponse,
} from './predict-answer.ts';

/** What an answer says around its results; `usage` is counted from the outcomes. */
export type AnswerFacts = Omit<AnswerEnvelope, 'usage'>;

/** Items that the model answered and the tokens it read for them. */
export function usageOf(outcomes: readonly FinalOutcome[]): AnswerEnvelope['usage'] {
  const answers = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.answer] : []));
  return {
    items: answers.length,
    tokens: answers.reduce((sum, answer) => sum + answer.tokens, 0),
  };
}

/** The answer to one text. Throws the item's error, `unprocessable_input` where its code is unknown. */
export function predictResponse(
  outcome: FinalOutcome | undefined,
  options: { readonly topK: number | undefined; readonly facts: AnswerFacts },
): PredictResponse {
  if (outcome === undefined) {
    throw new SwitchyardError('unprocessable_input', 'the model gave no answer to the text');
  }
  if (!outcome.ok) throw new SwitchyardError(knownCode(outcome.error.code), outcome.error.detail);
  return {
    ...itemResult(outcome.answer, options.topK),
    truncated: outcome.answer.truncated,
    ...options.facts,
    usage: usageOf([outcome]),
  };
}

/** The answer to a batch: `outcomes[i]` belongs to `good[i]`; results come in the request's order. */
export function predictBatchResponse(
  items: {
    readonly good: readonly CheckedText[];
    readonly bad: readonly { readonly index: number; readonly error: ItemError }[];
    readonly outcomes: readonly FinalOutcome[];
  },
  options: { readonly topK: number | undefined; readonly facts: AnswerFacts },
): PredictBatchResponse {
  const results: PredictBatchResponse['results'][number][] = [...items.bad];
  for (const [position, { index }] of items.good.entries()) {
    results.push({ index, ...batchResult(items.outcomes[position], options.topK) });
  }
  results.sort((left, right) => left.index - right.index);
  return { results, ...options.facts, usage: usageOf(items.outcomes) };
}

function batchResult(outcome: FinalOutcome | undefined, topK: number | undefined) {
  if (outcome === undefined) {
    const detail = 'the model gave no answer to the text';
    return { error: { code: 'unprocessable_input', detail } };
  }
  if (!outcome.ok) return { error: outcome.error };
  return { ...itemResult(outcome.answer, topK), truncated: outcome.answer.truncated };
}

function knownCode(code: string): ErrorCode {
  return isErrorCode(code) ? code : 'unprocessable_input';
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}
