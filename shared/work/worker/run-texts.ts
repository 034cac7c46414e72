import type { ItemOutcome } from '#core/contract/predict.ts';
import type { CallEnd, CellVerdict, ModelCall } from '#core/jobs/blame-call.ts';
import { blameExit } from '#core/jobs/blame-exit.ts';
import { blameItems } from '#core/jobs/blame-items.ts';
import { STARVED_LOSSES } from '#core/jobs/blame-loss.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { type CellModel, ModelProcessLost, ModelRunThrew } from './cell-model.ts';

/**
 * One outcome per text, in order, whatever the model does with some of them. The same texts give the
 * same outcomes, whatever was killed meanwhile. Throws {@link ModelProcessLost} after kill upon kill,
 * and `worker_failed` where memory or the runtime is to blame and no text.
 */
export async function runTexts(
  model: CellModel,
  texts: readonly string[],
): Promise<readonly ItemOutcome[]> {
  if (texts.length === 0) return [];
  const outcomes = new Array<ItemOutcome>(texts.length);
  const search = blameItems(texts.length);
  let lastFailure: unknown;
  let step = search.next();
  while (step.done !== true) {
    const call = step.value;
    try {
      // The last answer of an item stands, and that is always one of a call over all good items.
      write(outcomes, call, await callModel(model, texts, call));
      step = search.next({ kind: 'answered' });
    } catch (error) {
      lastFailure = error;
      step = search.next(endOf(error, call));
    }
  }
  for (const item of poisonOf(step.value, lastFailure)) outcomes[item] = poisonous;
  return outcomes;
}

/** Holds nothing that may vary from run to run, such as which signal it was. */
const poisonous: ItemOutcome = {
  ok: false,
  error: {
    code: 'unprocessable_input',
    detail:
      'The model runtime failed twice on this text alone, each time in a fresh process; it has no ' +
      'answer. The other texts are not affected.',
  },
};

async function callModel(
  model: CellModel,
  texts: readonly string[],
  call: ModelCall,
): Promise<readonly ItemOutcome[]> {
  const some = call.items.map((item) => texts[item] ?? '');
  if (call.kind === 'alone') return await model.run(some, { alone: true });
  return await model.run(some, { tokenBudgetDivisor: call.divisor });
}

function write(
  outcomes: ItemOutcome[],
  { items }: ModelCall,
  answers: readonly ItemOutcome[],
): void {
  for (const [place, item] of items.entries()) {
    const answer = answers[place];
    if (answer === undefined) {
      throw new SwitchyardError('internal', 'the model gave fewer answers than it got texts');
    }
    outcomes[item] = answer;
  }
}

/** Throws what is neither a kill nor a crash: a refusal, a bug, a process that cannot even open. */
function endOf(error: unknown, { items }: ModelCall): CallEnd {
  const known = error instanceof ModelRunThrew || error instanceof ModelProcessLost;
  if (!known || (error instanceof ModelProcessLost && error.isOpening)) throw error;
  const started = error.started?.flatMap((place) => items[place] ?? []);
  const kind = error instanceof ModelRunThrew ? 'crashed' : blameExit(error.exit);
  return { kind, started };
}

function poisonOf(verdict: CellVerdict, lastFailure: unknown): readonly number[] {
  switch (verdict.kind) {
    case 'answered':
      return verdict.poison;
    case 'gave-up':
      throw lastFailure;
    case 'starved':
      throw new SwitchyardError(
        'worker_failed',
        `The process that runs the model was killed ${STARVED_LOSSES} times in a row at one and the ` +
          'same text, alone: it runs out of memory. Give the worker more memory or run fewer workers ' +
          'on one machine, then submit the job again.',
        { cause: lastFailure },
      );
    case 'unexplained':
      throw new SwitchyardError(
        'worker_failed',
        'The model runtime crashes, but on no single text alone: the runtime, its driver or the ' +
          'machine is at fault. Try another machine or provider, then submit the job again.',
        { cause: lastFailure },
      );
  }
}
