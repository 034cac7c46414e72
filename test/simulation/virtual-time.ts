/** Something that will happen at a moment of virtual time, unless it is called off. */
export interface TimedEvent {
  readonly atMillis: number;
  /** Order among events of one moment: that in which they were scheduled. */
  readonly ordinal: number;
  run: (() => void) | undefined;
}

/** Immediates queued at a time: each costs 0.2 µs this way and 0.7 µs when queued one by one. */
const BATCH = 64;

/**
 * Time that stands still while anything can run and then jumps to the next event. Node empties its
 * promise jobs between two immediates, so one event per immediate is one event per settled world.
 */
export class VirtualTime {
  readonly #heap: TimedEvent[] = [];
  #ordinal = 0;
  #nowMillis = 0;

  get nowMillis(): number {
    return this.#nowMillis;
  }

  after(delayMillis: number, run: () => void): TimedEvent {
    const atMillis = this.#nowMillis + Math.max(0, delayMillis);
    const event: TimedEvent = { atMillis, ordinal: this.#ordinal++, run };
    this.#push(event);
    return event;
  }

  sleep(delayMillis: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(delayMillis, resolve);
    });
  }

  /** Runs events until `isOver` or until nothing is left to happen; rejects where an event throws. */
  async run(isOver: () => boolean): Promise<void> {
    const ended = Promise.withResolvers<void>();
    let isRunning = true;
    const turn = (place: number) => {
      if (!isRunning) return;
      if (place === BATCH - 1) queueTurns(turn);
      try {
        isRunning = !isOver() && this.#step();
      } catch (error) {
        isRunning = false;
        ended.reject(error);
      }
      if (!isRunning) ended.resolve();
    };
    queueTurns(turn);
    await ended.promise;
  }

  #step(): boolean {
    const event = this.#next();
    if (event === undefined) return false;
    this.#nowMillis = event.atMillis;
    event.run?.();
    return true;
  }

  #next(): TimedEvent | undefined {
    for (;;) {
      const event = this.#pop();
      if (event === undefined || event.run !== undefined) return event;
    }
  }

  #push(event: TimedEvent): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || isBefore(above, event)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): TimedEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      const child = this.#earlierChild(at);
      const below = heap[child];
      if (below === undefined || isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  #earlierChild(at: number): number {
    const left = this.#heap[2 * at + 1];
    const right = this.#heap[2 * at + 2];
    const isRight = left !== undefined && right !== undefined && isBefore(right, left);
    return 2 * at + (isRight ? 2 : 1);
  }
}

function queueTurns(turn: (place: number) => void): void {
  for (let place = 0; place < BATCH; place += 1) setImmediate(turn, place);
}

function isBefore(a: TimedEvent, b: TimedEvent): boolean {
  return a.atMillis === b.atMillis ? a.ordinal < b.ordinal : a.atMillis < b.atMillis;
}
