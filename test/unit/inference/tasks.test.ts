import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ItemOutcome } from '#core/contract/predict.ts';
import type { ModelManifest } from '#core/models/model-manifest.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { runTask } from '#inference/tasks/run-task.ts';
import { checkWarmUp } from '#inference/warm-up.ts';
import { readManifest, tinyTextFolder } from '../../fixtures/inference/bundles.ts';

const manifest = await readManifest(tinyTextFolder);

/** Answers `texts` with a model whose output rows are given. */
function answer(
  change: Partial<ModelManifest>,
  rows: readonly (readonly number[])[],
  encode = (text: string) => ({ ids: Int32Array.of(1, text.length, 2), truncated: false }),
): Promise<readonly ItemOutcome[]> {
  const runRows = async () => rows.map((row) => Float32Array.from(row));
  const tokenizer = { padTokenId: 0, encode };
  const texts = rows.map((_, index) => `text ${index}`);
  return runTask(texts, { manifest: { ...manifest, ...change } }, { tokenizer, runRows });
}

function scoresOf(outcome: ItemOutcome | undefined) {
  assert.ok(outcome?.ok && outcome.answer.kind === 'classification');
  return outcome.answer.scores;
}

test('softmax scores are ranked, within 0 and 1 and sum to 1', async () => {
  const labels = ['a', 'b', 'c', 'd'];
  const logit = fc.double({ min: -1e4, max: 1e4, noNaN: true });
  const row = fc.array(logit, { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(row, async (logits) => {
      const [outcome] = await answer({ labels }, [logits]);
      const scores = scoresOf(outcome).map(({ score }) => score);
      assert.deepEqual(
        scores,
        [...scores].sort((a, b) => b - a),
      );
      assert.ok(scores.every((score) => score >= 0 && score <= 1));
      assert.ok(Math.abs(scores.reduce((sum, score) => sum + score, 0) - 1) < 1e-5);
    }),
  );
});

test('equal scores keep the order of the labels, six decimals are kept', async () => {
  const [outcome] = await answer({ labels: ['a', 'b', 'c'] }, [[0, 0, 0]]);
  const third = 0.333333;
  assert.deepEqual(scoresOf(outcome), [
    { label: 'a', score: third },
    { label: 'b', score: third },
    { label: 'c', score: third },
  ]);
});

test('sigmoid scores stand alone', async () => {
  const [outcome] = await answer({ functionToApply: 'sigmoid' }, [[0, 2]]);
  assert.deepEqual(scoresOf(outcome), [
    { label: 'POSITIVE', score: 0.880797 },
    { label: 'NEGATIVE', score: 0.5 },
  ]);
});

test('a vector has seven significant digits', async () => {
  const [outcome] = await answer({ task: 'feature-extraction' }, [[0.123456789, -1e-9]]);
  assert.ok(outcome?.ok && outcome.answer.kind === 'embedding');
  assert.deepEqual(outcome.answer.embedding, [0.1234568, -1e-9]);
});

test('a number that is not finite becomes an error of its item alone', async () => {
  for (const bad of [NaN, Infinity, -Infinity]) {
    const rows = [
      [0, 1],
      [bad, 0],
      [1, 0],
    ];
    const outcomes = await answer({}, rows);
    assert.deepEqual(
      outcomes.map(({ ok }) => ok),
      [true, false, true],
    );
    const [, failed] = outcomes;
    assert.ok(failed?.ok === false);
    assert.equal(failed.error.code, 'unprocessable_input');
  }
});

test('a text that cannot be tokenized becomes an error of its item alone', async () => {
  let calls = 0;
  const encode = () => {
    calls += 1;
    if (calls === 1) throw new SwitchyardError('unprocessable_input', 'cannot be tokenized');
    return { ids: Int32Array.of(1, 2), truncated: false };
  };
  const runRows = async (rows: readonly Int32Array[]) => rows.map(() => Float32Array.of(0, 9));
  const tools = { tokenizer: { padTokenId: 0, encode }, runRows };

  const outcomes = await runTask(['bad', 'good'], { manifest }, tools);

  assert.deepEqual(outcomes[0], {
    ok: false,
    error: { code: 'unprocessable_input', detail: 'cannot be tokenized' },
  });
  assert.equal(scoresOf(outcomes[1])[0]?.label, 'POSITIVE');
});

test('a warm-up answer outside the tolerance is refused', async () => {
  const { warmUp } = manifest;
  const [right] = await answer({}, [[-2.944, 2.944]]);
  const [otherLabel] = await answer({}, [[3, -3]]);
  const [otherScore] = await answer({}, [[-1, 1]]);

  assert.doesNotThrow(() => checkWarmUp(manifest, right));
  for (const wrong of [otherLabel, otherScore, undefined]) {
    assert.throws(() => checkWarmUp(manifest, wrong), { code: 'model_invalid' });
  }
  const vector = { ...manifest, warmUp: { text: 'x', vectorStart: [0.5, 0.5], tolerance: 0.01 } };
  const [near] = await answer({ task: 'feature-extraction' }, [[0.495, 0.505, 0.7]]);
  const [far] = await answer({ task: 'feature-extraction' }, [[0.5, 0.52, 0.7]]);
  assert.doesNotThrow(() => checkWarmUp(vector, near));
  assert.throws(() => checkWarmUp(vector, far), { code: 'model_invalid', detail: /number 1/ });
  assert.equal(warmUp.label, 'POSITIVE');
});
