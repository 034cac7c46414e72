import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ItemOutcome } from '#core/contract/predict.ts';
import { ModelProcessLost } from '#work/worker/cell-model.ts';
import { runTexts } from '#work/worker/run-texts.ts';
import {
  SimulatedModel,
  type SimulatedModelOptions,
} from '../../fixtures/poison/simulated-model.ts';

const faults = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'throw'] as const;

/** Texts of several lengths, all different. */
function textsOf(count: number): string[] {
  return Array.from({ length: count }, (_, item) => `${item}${'.'.repeat((item * 7) % 5)}`);
}

/** What a cell should give: the good texts in one call that nothing disturbs, errors for the rest. */
async function ideal(
  texts: readonly string[],
  poison: ReadonlySet<string>,
  batchSize: number,
): Promise<string[]> {
  const calm = new SimulatedModel({ batchSize, fate: () => 'fine' });
  const good = texts.filter((text) => !poison.has(text));
  const answers = (await calm.run(good)).values();
  return texts.map((text) =>
    poison.has(text) ? 'unprocessable_input' : tell(answers.next().value),
  );
}

function tell(outcome: ItemOutcome | undefined): string {
  if (outcome === undefined) return 'nothing';
  if (!outcome.ok) return outcome.error.code;
  return outcome.answer.kind === 'classification' ? (outcome.answer.scores[0]?.label ?? '') : '';
}

const cells = fc
  .record({
    count: fc.integer({ min: 1, max: 300 }),
    batchSize: fc.integer({ min: 1, max: 60 }),
    share: fc.constantFrom(0, 0.01, 0.1, 0.5, 1),
    seed: fc.integer({ min: 0, max: 1_000_000 }),
    kills: fc.array(fc.option(fc.nat(20), { freq: 3 }), { maxLength: 60 }),
  })
  .map((cell) => {
    const texts = textsOf(cell.count);
    const isPoison = (item: number) =>
      ((item + 1) * 2_654_435_761 + cell.seed * 40_503) % 1_000 < cell.share * 1_000;
    return { ...cell, texts, poison: new Set(texts.filter((_, item) => isPoison(item))) };
  });

/** A kill at batch `kills[n]` of every second call: so never of two calls in a row. */
function killAt(kills: readonly (number | null)[]) {
  let count = 0;
  let batch = 0;
  let lastCall = 0;
  return {
    count: () => count,
    signal: (call: number) => {
      batch = call === lastCall ? batch + 1 : 0;
      lastCall = call;
      if (call % 2 === 1 || kills[call / 2] !== batch) return undefined;
      count += 1;
      return count % 2 === 0 ? 'SIGKILL' : 'SIGTERM';
    },
  };
}

test('any set of poison texts ends as in a run without them, whatever is killed meanwhile', async () => {
  let most = { poison: 0, restarts: 0 };
  await fc.assert(
    fc.asyncProperty(cells, async ({ texts, poison, batchSize, kills, seed }) => {
      const killer = killAt(kills);
      const fate: SimulatedModelOptions['fate'] = (members, { call }) => {
        const culprit = members.find((text) => poison.has(text));
        const fault = culprit === undefined ? 'fine' : faults[(culprit.length + seed) % 5];
        return killer.signal(call) ?? fault ?? 'fine';
      };
      const model = new SimulatedModel({ batchSize, fate });

      const outcomes = await runTexts(model, texts);

      assert.deepEqual(outcomes.map(tell), await ideal(texts, poison, batchSize));
      assert.ok(model.restarts <= 4 * poison.size + killer.count(), `${model.restarts} restarts`);
      if (poison.size > most.poison) most = { poison: poison.size, restarts: model.restarts };
    }),
    { numRuns: 400 },
  );
  console.log(`400 cells; the most: ${most.poison} poison texts in ${most.restarts} restarts`);
});

test('one poison text of 4,000 is found in at most 4 restarts, wherever it stands', async () => {
  const texts = textsOf(4_000);
  let most = 0;
  for (let item = 0; item < texts.length; item += 97) {
    const poison = texts[item] ?? '';
    const fate = (members: readonly string[]) => (members.includes(poison) ? 'SIGSEGV' : 'fine');
    const model = new SimulatedModel({ batchSize: 128, fate });

    const outcomes = await runTexts(model, texts);

    assert.deepEqual(
      outcomes.flatMap((outcome, at) => (outcome.ok ? [] : [at])),
      [item],
    );
    most = Math.max(most, model.restarts);
  }
  console.log(`42 places in 4,000 texts: at most ${most} restarts (allowed: 14)`);
  assert.ok(most <= 4, `${most} restarts`);
});

test('texts that crash only in company are answered, in smaller batches, and none is blamed', async () => {
  const texts = textsOf(100);
  const pair = new Set(texts.slice(40, 42));
  const isPair = (members: readonly string[]) =>
    members.filter((text) => pair.has(text)).length === 2;
  const run = () => {
    const fate = (members: readonly string[]) => (isPair(members) ? 'SIGSEGV' : 'fine');
    return runTexts(new SimulatedModel({ batchSize: 100, fate }), texts);
  };

  const outcomes = await run();

  assert.ok(outcomes.every(({ ok }) => ok));
  assert.deepEqual(await run(), outcomes);
});

test('a crash that does not come again changes no byte', async () => {
  const texts = textsOf(200);
  const fate = (_: readonly string[], { call }: { readonly call: number }) =>
    call === 1 ? 'SIGSEGV' : 'fine';
  const model = new SimulatedModel({ batchSize: 16, fate });

  const outcomes = await runTexts(model, texts);

  assert.deepEqual(outcomes.map(tell), await ideal(texts, new Set(), 16));
  assert.equal(model.restarts, 1);
});

test('a text that fails alone once, but not a second time, is answered', async () => {
  const texts = textsOf(200);
  let crashes = 0;
  const fate = (members: readonly string[]) => {
    if (!members.includes('100') || crashes === 3) return 'fine';
    crashes += 1;
    return 'SIGSEGV';
  };
  const model = new SimulatedModel({ batchSize: 16, fate });

  const outcomes = await runTexts(model, texts);

  assert.deepEqual(outcomes.map(tell), await ideal(texts, new Set(), 16));
  assert.equal(model.restarts, 3, 'in its batch, behind a neighbour, and first in a fresh process');
});

test('a crash that no text alone explains ends as an error of the job', async () => {
  let batchesOfProcess = 0;
  const fate = (members: readonly string[]) => {
    batchesOfProcess += 1;
    if (!members.includes('3.') || batchesOfProcess === 1) return 'fine';
    batchesOfProcess = 0;
    return 'SIGSEGV';
  };
  const model = new SimulatedModel({ batchSize: 2, fate });

  await assert.rejects(runTexts(model, textsOf(10)), { code: 'worker_failed' });
});

test('6.3 #18 a batch too large for memory is halved until it fits, and no row is blamed', async () => {
  const texts = textsOf(500);
  const fate = (members: readonly string[]) => (members.length > 9 ? 'SIGKILL' : 'fine');
  const model = new SimulatedModel({ batchSize: 128, fate });

  const outcomes = await runTexts(model, texts);

  assert.ok(outcomes.every(({ ok }) => ok));
  console.log(`128 -> 8 texts a batch: ${model.restarts} restarts`);
  assert.equal(model.restarts, 12, 'three kills for each of four halvings');
});

test('6.3 #18 a text that is killed alone ends as an error of the job that names memory', async () => {
  const fate = (members: readonly string[]) => (members.includes('7....') ? 'SIGKILL' : 'fine');
  const model = new SimulatedModel({ batchSize: 128, fate });

  await assert.rejects(
    runTexts(model, textsOf(500)),
    (error: { code?: string; detail?: string }) => {
      assert.equal(error.code, 'worker_failed');
      assert.match(error.detail ?? '', /memory/);
      return true;
    },
  );
  assert.ok(model.restarts <= 3 * 8, `${model.restarts} restarts`);
});

test('five kills in a row at different places leave the cell to a later try', async () => {
  let batch = 0;
  const fate = (_: readonly string[], { call }: { readonly call: number }) => {
    batch += 1;
    if (batch < call) return 'fine';
    batch = 0;
    return 'SIGKILL';
  };
  const model = new SimulatedModel({ batchSize: 2, fate });

  await assert.rejects(runTexts(model, textsOf(50)), ModelProcessLost);

  assert.equal(model.restarts, 5);
});
