/** One call to the model, over items named by their place in the cell. */
export type ModelCall =
  /** Everything at once, in the batches that the model forms, none above its budget / `divisor`. */
  | { readonly kind: 'together'; readonly items: readonly number[]; readonly divisor: number }
  /** One item after the other, in this order, each in a batch of its own. */
  | { readonly kind: 'alone'; readonly items: readonly number[] };

/**
 * How a call ended. After any end but `answered` the next call starts in a fresh process. `started` is
 * the batch that was begun last: undefined where none was, a single item in a call of kind `alone`.
 */
export type CallEnd =
  | { readonly kind: 'answered' }
  | { readonly kind: 'crashed' | 'killed'; readonly started: StartedItems };

export type StartedItems = readonly number[] | undefined;

export type CellVerdict =
  /** The last calls of kind `together` answered every item but the poison ones. */
  { readonly kind: 'answered'; readonly poison: readonly number[] } | CellFailure;

export type CellFailure =
  /** Killed again and again: leave the cell to a later try. */
  | { readonly kind: 'gave-up' }
  /** Killed again and again at one and the same item alone: there is too little memory for it. */
  | { readonly kind: 'starved' }
  /** Crashes, but no item does so alone: the runtime is broken, not a row. */
  | { readonly kind: 'unexplained' };

/** Yields calls, is told their ends, and returns what follows from them. */
export type CallSequence<Result> = Generator<ModelCall, Result, CallEnd>;
