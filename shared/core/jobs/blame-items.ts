import type { CallSequence, CellFailure, CellVerdict, StartedItems } from './blame-call.ts';
import { repeatWhileKilled } from './blame-loss.ts';

/** An item is poison after this many crashes, each as the first item of a fresh process. */
const POISON_CRASHES = 2;
/** How often a crash without a culprit is taken for an accident before batches get smaller. */
const MAX_ACCIDENTS = 3;

/** What is known of a cell between two passes over its good items. */
interface CellSearch {
  readonly good: readonly number[];
  readonly poison: readonly number[];
  /** How much smaller than usual the batches are. */
  readonly divisor: number;
  /** Crashes since the last poison item that no item is to blame for. */
  readonly accidents: number;
}

/**
 * Decides the calls that answer a cell of `count` items although some of them crash the model.
 *
 * The answers always come from calls over all good items, in order, and never from the search: they
 * are a function of the cell and its poison items, however the search went and whatever was killed
 * during it. (Smaller batches, after memory ran out or a crash without a culprit, are the exception:
 * they can move the sixth decimal of models that are not exactly independent of neighbours.)
 *
 * One poison item costs at most 4 restarts: the batch that crashed, the item among its neighbours,
 * twice alone. K of them cost at most 4·K restarts, 3·K + 1 where they share a batch, and up to one
 * more pass over the cell for each batch that holds one. There is no limit to K, but each restart loads
 * the model anew: a cell of thousands that all crash takes hours (`6.3 #14` prints seconds per row).
 */
export function* blameItems(count: number): CallSequence<CellVerdict> {
  const good = Array.from({ length: count }, (_, item) => item);
  let cell: CellSearch = { good, poison: [], divisor: 1, accidents: 0 };
  for (;;) {
    const end = yield* answerTogether(cell);
    if (end.kind === 'answered') return { kind: 'answered', poison: cell.poison };
    if (end.kind === 'gave-up') return { kind: 'gave-up' };
    const next =
      end.kind === 'starved'
        ? afterStarving(cell, end.started)
        : yield* afterCrash(cell, end.started);
    if ('kind' in next) return next;
    cell = next;
  }
}

/** One call, or `divisor` of them where batches were made smaller, so that less has to be repeated. */
function* answerTogether({ good, divisor }: CellSearch): ReturnType<typeof repeatWhileKilled> {
  const size = Math.ceil(good.length / divisor);
  for (let from = 0; from < good.length; from += size) {
    const items = good.slice(from, from + size);
    const end = yield* repeatWhileKilled({ kind: 'together', items, divisor });
    if (end.kind !== 'answered') return end;
  }
  return { kind: 'answered' };
}

function afterStarving(cell: CellSearch, started: readonly number[]): CellSearch | CellFailure {
  if (started.length === 1) return { kind: 'starved' };
  return { ...cell, divisor: cell.divisor * 2 };
}

function* afterCrash(
  cell: CellSearch,
  started: StartedItems,
): CallSequence<CellSearch | CellFailure> {
  const accidents = cell.accidents + 1;
  // Should the report of the last batch have been lost with the process, look everywhere.
  const suspects = accidents < MAX_ACCIDENTS ? (started ?? cell.good) : cell.good;
  const found = yield* findPoison(suspects);
  if ('kind' in found) return found;
  if (found.length > 0) {
    const good = cell.good.filter((item) => !found.includes(item));
    return { ...cell, good, poison: [...cell.poison, ...found], accidents: 0 };
  }
  if (accidents < MAX_ACCIDENTS) return { ...cell, accidents };
  if (started?.length === 1) return { kind: 'unexplained' };
  if (cell.divisor >= cell.good.length) return { kind: 'unexplained' };
  return { ...cell, divisor: cell.divisor * 2, accidents: 0 };
}

/** The items that crash alone. Kills in between cost a repetition and change nothing. */
function* findPoison(suspects: readonly number[]): CallSequence<readonly number[] | CellFailure> {
  const poison: number[] = [];
  let crashes = 0;
  let rest = suspects;
  while (rest.length > 0) {
    const end = yield* repeatWhileKilled({ kind: 'alone', items: rest });
    if (end.kind === 'answered') return poison;
    if (end.kind !== 'crashed') return { kind: end.kind };
    const [item] = end.started ?? [];
    if (item === undefined) return { kind: 'unexplained' };
    const passed = rest.indexOf(item);
    // Only the first item of a call has a fresh process; a later one goes first into the next call.
    crashes = passed === 0 ? crashes + 1 : 0;
    rest = rest.slice(passed);
    if (crashes < POISON_CRASHES) continue;
    poison.push(item);
    rest = rest.slice(1);
    crashes = 0;
  }
  return poison;
}
