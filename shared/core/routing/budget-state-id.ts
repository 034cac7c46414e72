import { type BudgetStatus, budgetStatusSchema } from '../contract/budget.ts';

// The status stands in the id itself: it changes with every answer, and keeping each one would cost more
// than the answers. Whoever writes another one into an id gets the explanation of another moment, no more.

const SEPARATOR = '~';

/** A state's id together with the budget that decided beside it; the plain id where there was none. */
export function stateIdWithin(stateId: string, status: BudgetStatus | undefined): string {
  if (status === undefined) return stateId;
  const { mode, limitUsd, spentUsd, promisedUsd, resetsAt, takenAt } = status;
  const times = [resetsAt, takenAt].map((time) => Date.parse(time) / 1_000);
  return [stateId, mode, limitUsd, spentUsd, promisedUsd, ...times].join(SEPARATOR);
}

/** Undefined for an id that no answer ever named. */
export function readStateId(
  id: string,
): { readonly stateId: string; readonly status: BudgetStatus | undefined } | undefined {
  const [stateId = '', ...parts] = id.split(SEPARATOR);
  if (parts.length === 0) return { stateId, status: undefined };
  const [mode, limitUsd, spentUsd, promisedUsd, resets, taken, ...more] = parts;
  const status = budgetStatusSchema.safeParse({
    mode,
    limitUsd,
    spentUsd,
    promisedUsd,
    resetsAt: timeOf(resets),
    takenAt: timeOf(taken),
  }).data;
  return status === undefined || more.length > 0 ? undefined : { stateId, status };
}

function timeOf(seconds = ''): string | undefined {
  return /^\d{1,11}$/.test(seconds) ? isoSeconds(Number(seconds) * 1_000) : undefined;
}

/** A moment to the second, such as `2026-12-01T00:00:00Z`. */
export function isoSeconds(epochMillis: number): string {
  return `${new Date(epochMillis).toISOString().slice(0, 19)}Z`;
}
