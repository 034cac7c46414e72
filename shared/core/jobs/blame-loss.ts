import type { CallSequence, ModelCall, StartedItems } from './blame-call.ts';

/** How often a call may lose its process to a kill before the worker leaves it to a later try. */
export const MAX_LOSSES_IN_A_ROW = 5;

/**
 * So many kills in a row at the same batch look like the kernel's answer to a lack of memory. A kill
 * from outside hits one batch of a hundred in a call; three times the same is no accident.
 */
export const STARVED_LOSSES = 3;

type SettledCall =
  | { readonly kind: 'answered' }
  | { readonly kind: 'gave-up' }
  | { readonly kind: 'starved'; readonly started: readonly number[] }
  | { readonly kind: 'crashed'; readonly started: StartedItems };

/** Repeats a call until it is answered or crashes by its own fault, or the kills have a meaning. */
export function* repeatWhileKilled(call: ModelCall): CallSequence<SettledCall> {
  let place: number | undefined;
  let samePlace = 0;
  for (let losses = 1; losses <= MAX_LOSSES_IN_A_ROW; losses += 1) {
    const end = yield call;
    if (end.kind === 'answered') return { kind: 'answered' };
    const { kind, started } = end;
    if (kind === 'crashed') return { kind, started };
    samePlace = started?.[0] === place ? samePlace + 1 : 1;
    place = started?.[0];
    // A kill before the first batch says nothing about memory.
    if (started !== undefined && samePlace === STARVED_LOSSES) return { kind: 'starved', started };
  }
  return { kind: 'gave-up' };
}
