import type { Cell } from '#core/jobs/job-plan.ts';
import type { PlacedRow } from './input-reader.ts';
import type { ShardInput } from './shard-input.ts';

/**
 * The rows of a shard's cells, in order; those of the next cell are read while the model works on this
 * one. Commits stay where they are: a kill costs one cell, never two.
 */
export class RowsAhead implements AsyncDisposable {
  readonly #input: ShardInput;
  readonly #cells: Iterator<Cell>;
  #ahead: Promise<PlacedRow[]> | undefined;

  constructor(input: ShardInput, cells: readonly Cell[]) {
    this.#input = input;
    this.#cells = cells.values();
  }

  /** Throws what reading this cell threw, not what reading the one after it did. */
  async next(): Promise<PlacedRow[]> {
    const rows = await (this.#ahead ?? this.#readNext());
    this.#ahead = this.#readNext();
    // Its error is thrown at its turn, which may never come.
    this.#ahead.catch(() => {});
    return rows;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ahead?.catch(() => {});
    await this.#input[Symbol.asyncDispose]();
  }

  async #readNext(): Promise<PlacedRow[]> {
    const { done, value } = this.#cells.next();
    return done === true ? [] : await this.#input.readRows(value);
  }
}
