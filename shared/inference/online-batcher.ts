import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { joinQueuedRows, type QueuedRow } from './join-queued-rows.ts';
import type { SessionPool } from './session-pool.ts';

/** Shares the session workers among requests: oldest row first, no waiting for company. */
export interface OnlineBatcher {
  /** One output per row, in order. Throws `overloaded`, or the signal's reason when aborted. */
  run(request: RowsRequest): Promise<readonly Float32Array[]>;
  /** Hands waiting rows to idle workers; call it whenever a worker may have become idle. */
  pump(): void;
  /** Milliseconds for which rows have been waiting or running without anything moving; else 0. */
  stalledMillis(): number;
  /** Fails what waits, now and later. */
  close(reason: SwitchyardError): void;
}

interface RowsRequest {
  readonly model: string;
  readonly rows: readonly Int32Array[];
  /** False where rows must not share a run, because a row's answer would depend on the others. */
  readonly mayJoin: boolean;
  /** @default - not abortable */
  readonly signal?: AbortSignal | undefined;
}

export interface OnlineBatcherOptions {
  readonly tryRun: SessionPool['tryRun'];
  readonly clock: Clock;
  /** Rows that may wait; a request that would make it more is refused unless nothing waits. */
  readonly maxQueuedItems: number;
}

export function openOnlineBatcher(options: OnlineBatcherOptions): OnlineBatcher {
  return new QueueBatcher(options);
}

interface WaitingRow extends QueuedRow {
  readonly row: Int32Array;
  /** 1 after a run with this row failed. */
  readonly retries: number;
  readonly request: { readonly isOver: boolean };
  readonly resolve: (output: Float32Array) => void;
  readonly reject: (error: unknown) => void;
}

class QueueBatcher implements OnlineBatcher {
  readonly #options: OnlineBatcherOptions;
  /** Oldest first. */
  #queue: WaitingRow[] = [];
  #runningRows = 0;
  #lastMoveMillis: number;
  /** Moving average; the first guess is a short text on a slow processor. */
  #millisPerRow = 10;
  #closed: SwitchyardError | undefined;

  constructor(options: OnlineBatcherOptions) {
    this.#options = options;
    this.#lastMoveMillis = options.clock.monotonicMillis();
  }

  async run({ model, rows, mayJoin, signal }: RowsRequest): Promise<readonly Float32Array[]> {
    signal?.throwIfAborted();
    this.#refuseIfFull(rows.length);
    // The stall time counts from here, not from the last request before a quiet night.
    if (this.#queue.length === 0 && this.#runningRows === 0) this.#moved();
    const request = { isOver: false };
    const outputs = rows.map((row) => {
      const { promise, resolve, reject } = Promise.withResolvers<Float32Array>();
      const tokens = row.length;
      const waiting = { model, tokens, alone: !mayJoin, row, retries: 0, request, resolve, reject };
      this.#queue.push(waiting);
      return promise;
    });
    const aborted = Promise.withResolvers<never>();
    const abort = () => aborted.reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.pump();
    try {
      return await Promise.race([Promise.all(outputs), aborted.promise]);
    } finally {
      // Whatever the reason, nobody waits for the rest of these rows any more.
      request.isOver = true;
      this.#queue = this.#queue.filter((waiting) => !waiting.request.isOver);
      signal?.removeEventListener('abort', abort);
    }
  }

  pump(): void {
    const stuck = new Set<string>();
    for (let first = 0; first < this.#queue.length; ) {
      const model = this.#queue[first]?.model ?? '';
      if (stuck.has(model) || !this.#start(first)) {
        stuck.add(model);
        first += 1;
      }
    }
  }

  stalledMillis(): number {
    if (this.#queue.length === 0 && this.#runningRows === 0) return 0;
    return this.#options.clock.monotonicMillis() - this.#lastMoveMillis;
  }

  close(reason: SwitchyardError): void {
    this.#closed = reason;
    for (const { reject } of this.#queue.splice(0)) reject(reason);
  }

  /** Starts the row at `first` with its neighbours; false where no worker is free for its model. */
  #start(first: number): boolean {
    const indices = joinQueuedRows(this.#queue, first);
    const batch = indices.flatMap((index) => this.#queue[index] ?? []);
    const rows = batch.map(({ row }) => row);
    const run = this.#options.tryRun(batch[0]?.model ?? '', rows);
    if (run === undefined) return false;
    const taken = new Set(indices);
    this.#queue = this.#queue.filter((_, index) => !taken.has(index));
    void this.#finish(batch, run);
    return true;
  }

  async #finish(batch: readonly WaitingRow[], run: Promise<readonly Float32Array[]>) {
    const startMillis = this.#moved();
    this.#runningRows += batch.length;
    try {
      const outputs = await run;
      for (const [index, { resolve }] of batch.entries()) {
        resolve(outputs[index] ?? new Float32Array());
      }
    } catch (error) {
      this.#retryOnce(batch, error);
    }
    this.#runningRows -= batch.length;
    const perRow = (this.#moved() - startMillis) / batch.length;
    this.#millisPerRow += 0.1 * (perRow - this.#millisPerRow);
    this.pump();
  }

  /** Alone the second time, so that a row that brings the worker down takes no other with it. */
  #retryOnce(batch: readonly WaitingRow[], error: unknown): void {
    const again: WaitingRow[] = [];
    for (const waiting of batch) {
      if (waiting.request.isOver) continue;
      if (waiting.retries > 0 || this.#closed !== undefined) waiting.reject(this.#closed ?? error);
      else again.push({ ...waiting, alone: true, retries: 1 });
    }
    this.#queue.unshift(...again);
  }

  #refuseIfFull(rows: number): void {
    if (this.#closed !== undefined) throw this.#closed;
    const waiting = this.#queue.length;
    const { maxQueuedItems } = this.#options;
    if (waiting === 0 || waiting + rows <= maxQueuedItems) return;
    const retryAfterSeconds = Math.min(60, Math.ceil((waiting * this.#millisPerRow) / 1000));
    throw new SwitchyardError(
      'overloaded',
      `${waiting} items are waiting and at most ${maxQueuedItems} may. Try again in ` +
        `${retryAfterSeconds} s, or send the items as a job.`,
      { retryAfterSeconds, members: { queued_items: waiting, max_queued_items: maxQueuedItems } },
    );
  }

  #moved(): number {
    this.#lastMoveMillis = this.#options.clock.monotonicMillis();
    return this.#lastMoveMillis;
  }
}
