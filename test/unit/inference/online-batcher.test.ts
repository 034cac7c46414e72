import assert from 'node:assert/strict';
import test from 'node:test';
import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { openOnlineBatcher } from '#inference/online-batcher.ts';

/** One worker whose runs end when the test says so, and a clock that the test moves. */
class Bench {
  nowMillis = 0;
  hasWorker = true;
  readonly runs: { readonly model: string; readonly ids: readonly number[] }[] = [];
  readonly clock: Clock = {
    epochMillis: () => this.nowMillis,
    monotonicMillis: () => this.nowMillis,
    sleep: async () => {},
  };
  readonly batcher = openOnlineBatcher({
    tryRun: (model, rows) => this.#tryRun(model, rows),
    clock: this.clock,
    maxQueuedItems: 4,
  });
  #current: PromiseWithResolvers<readonly Float32Array[]> | undefined;
  #rows: readonly Int32Array[] = [];

  /** Asks for one row of `tokens` ids that are all `id`. */
  ask(id: number, options: { tokens?: number; model?: string; signal?: AbortSignal } = {}) {
    const { tokens = 10, model = 'a', signal } = options;
    return this.askAll([new Int32Array(tokens).fill(id)], { model, signal });
  }

  askAll(
    rows: readonly Int32Array[],
    options: { model?: string; signal?: AbortSignal | undefined },
  ) {
    return this.batcher.run({ model: options.model ?? 'a', rows, mayJoin: true, ...options });
  }

  async succeed(): Promise<void> {
    await this.#end((run) => run.resolve(this.#rows.map(([id]) => Float32Array.of(id ?? NaN))));
  }

  async fail(): Promise<void> {
    await this.#end((run) => run.reject(new SwitchyardError('worker_failed', 'The worker ended.')));
  }

  ids(): readonly (readonly number[])[] {
    return this.runs.map(({ ids }) => ids);
  }

  async #end(settle: (run: PromiseWithResolvers<readonly Float32Array[]>) => void): Promise<void> {
    const run = this.#current;
    assert.ok(run, 'nothing is running');
    this.#current = undefined;
    settle(run);
    // Everything that follows from it happens in microtasks.
    await new Promise((resolve) => setImmediate(resolve));
  }

  #tryRun(model: string, rows: readonly Int32Array[]) {
    if (this.#current !== undefined || !this.hasWorker) return undefined;
    this.runs.push({ model, ids: rows.map(([id]) => id ?? NaN) });
    this.#rows = rows;
    this.#current = Promise.withResolvers();
    return this.#current.promise;
  }
}

test('a lone row runs at once, what queued meanwhile runs together, oldest first', async () => {
  const bench = new Bench();
  const answers = [1, 2, 3].map((id) => bench.ask(id));

  assert.deepEqual(bench.ids(), [[1]]);
  await bench.succeed();
  assert.deepEqual(bench.ids(), [[1], [2, 3]]);
  await bench.succeed();

  assert.deepEqual(
    await Promise.all(answers),
    [1, 2, 3].map((id) => [Float32Array.of(id)]),
  );
});

test('an older row of another length is not overtaken by its neighbours', async () => {
  const bench = new Bench();
  const answers = [bench.ask(1), bench.ask(2, { tokens: 200 }), bench.ask(3), bench.ask(4)];

  for (let left = 3; left > 0; left -= 1) await bench.succeed();

  assert.deepEqual(bench.ids(), [[1], [2], [3, 4]]);
  await Promise.all(answers);
});

test('rows of several models do not share a run', async () => {
  const bench = new Bench();
  const answers = [bench.ask(1), bench.ask(2, { model: 'b' }), bench.ask(3)];

  for (let left = 3; left > 0; left -= 1) await bench.succeed();

  assert.deepEqual(
    bench.runs.map(({ model }) => model),
    ['a', 'b', 'a'],
  );
  await Promise.all(answers);
});

test('a full queue refuses with a time to retry, and takes rows again when it is empty', async () => {
  const bench = new Bench();
  const answers = [1, 2, 3, 4, 5].map((id) => bench.ask(id));

  const refused = await bench.ask(6).catch((error: unknown) => error);

  assert.ok(refused instanceof SwitchyardError);
  assert.equal(refused.code, 'overloaded');
  assert.ok((refused.retryAfterSeconds ?? 0) >= 1);
  await bench.succeed();
  await bench.succeed();
  await Promise.all(answers);
  const late = bench.ask(7);
  await bench.succeed();
  assert.deepEqual(await late, [Float32Array.of(7)]);
});

test('a request larger than the queue is taken when nothing waits', async () => {
  const bench = new Bench();
  const answer = bench.askAll(
    [1, 2, 3, 4, 5, 6].map((id) => Int32Array.of(id, id)),
    {},
  );

  await bench.succeed();

  assert.equal((await answer).length, 6);
});

test('an aborted row that waits never runs', async () => {
  const bench = new Bench();
  const controller = new AbortController();
  const first = bench.ask(1);
  const aborted = bench.ask(2, { signal: controller.signal });
  const third = bench.ask(3);

  controller.abort(new SwitchyardError('overloaded', 'too late'));

  await assert.rejects(aborted, { detail: 'too late' });
  await bench.succeed();
  await bench.succeed();
  assert.deepEqual(bench.ids(), [[1], [3]]);
  await Promise.all([first, third]);
  const before = bench.ask(4, { signal: controller.signal });
  await assert.rejects(before, { detail: 'too late' });
});

test('rows of a failed run are tried once more, each alone', async () => {
  const bench = new Bench();
  const first = bench.ask(1);
  const [second, third] = [bench.ask(2), bench.ask(3)];
  const secondFails = assert.rejects(second, { code: 'worker_failed' });
  await bench.succeed();

  await bench.fail();
  await bench.fail();
  await bench.succeed();

  assert.deepEqual(bench.ids(), [[1], [2, 3], [2], [3]]);
  await secondFails;
  assert.deepEqual(await third, [Float32Array.of(3)]);
  await first;
});

test('the stall time grows only while something waits or runs', async () => {
  const bench = new Bench();
  bench.nowMillis = 50_000;
  assert.equal(bench.batcher.stalledMillis(), 0);
  const answer = bench.ask(1);
  bench.nowMillis = 62_000;
  assert.equal(bench.batcher.stalledMillis(), 12_000);
  await bench.succeed();
  await answer;
  assert.equal(bench.batcher.stalledMillis(), 0);
});

test('a row that is first after a long idle time does not look stalled', () => {
  const bench = new Bench();
  bench.hasWorker = false;
  bench.nowMillis = 1_000_000;
  void bench.ask(1).catch(() => {});
  assert.equal(bench.batcher.stalledMillis(), 0);
});

test('closing fails what waits and what comes later', async () => {
  const bench = new Bench();
  const refusals = [1, 2].map((id) => assert.rejects(bench.ask(id), { code: 'not_ready' }));

  bench.batcher.close(new SwitchyardError('not_ready', 'The service is shutting down.'));

  await assert.rejects(bench.ask(3), { code: 'not_ready' });
  await bench.fail();
  await Promise.all(refusals);
  assert.deepEqual(bench.ids(), [[1]]);
});
