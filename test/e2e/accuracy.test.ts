import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { PredictBatchResponse, PredictResponse } from '#core/contract/predict-answer.ts';
import { developmentCorpus, toJsonl } from '../fixtures/harness/corpus.ts';
import { postJson } from '../fixtures/harness/http.ts';
import {
  assertEveryRowOnce,
  drop,
  type ResultLine,
  resultLines,
  successOf,
} from '../fixtures/harness/outbox.ts';
import { seededRandom, shuffled } from '../fixtures/harness/random.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

const expectedRight = 780;
const corpus = developmentCorpus();
let server: Switchyard;
let jobLines: readonly ResultLine[];

before(async () => {
  server = await startSwitchyard();
  const target = { model: 'sst2-minilm', file: 'dev.jsonl' };
  await drop(server, target, toJsonl(corpus.rows));
  const outcome = await successOf(server, target);
  assertEveryRowOnce(outcome, corpus.rows.length);
  jobLines = resultLines(outcome);
});

after(async () => {
  await server?.dispose();
});

test('a dropped file of the development set is answered as rightly as the model promises', () => {
  const right = corpus.rows.filter(({ label }, index) => jobLines[index]?.label === label).length;

  console.log(`${right} of ${corpus.rows.length} right (${corpus.origin})`);
  if (corpus.origin === 'generated') {
    assert.ok(right >= 0.9 * corpus.rows.length, `${right} right`);
    return;
  }
  const hasVnni = /\b(avx_vnni|avx512_vnni)\b/.test(readFileSync('/proc/cpuinfo', 'utf8'));
  const tolerance = hasVnni ? 0 : 3;
  if (!hasVnni) console.log('no VNNI: int8 sums saturate elsewhere, up to 3 labels may differ');
  assert.ok(Math.abs(right - expectedRight) <= tolerance, `${right} right, not ${expectedRight}`);
});

test('result lines carry the id of their row and nothing that varies', () => {
  for (const [index, line] of jobLines.entries()) {
    assert.equal(line.id, `r${index}`);
    assert.deepEqual(
      Object.keys(line).filter((key) => key !== 'truncated'),
      ['index', 'id', 'label', 'score'],
    );
  }
});

test('POST /predict gives the label and score of the job for every row', async () => {
  const waiting = [...corpus.rows.entries()];
  const askOne = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [index, { text }] = next;
      const answer = await postJson(server.url, '/predict', { text });
      assert.equal(answer.status, 200, answer.text);
      assertSameAnswer(index, answer.json<PredictResponse>());
    }
  };

  await Promise.all(Array.from({ length: 8 }, askOne));
});

test('POST /predict/batch gives the same whatever else is in the batch', async () => {
  const order = shuffled([...corpus.rows.entries()], seededRandom(872));
  const sizes = [32, 1, 7, 31, 2, 16];
  const batches: (typeof order)[] = [];
  for (let at = 0, turn = 0; at < order.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    batches.push(order.slice(at, at + size));
    at += size;
  }

  for (const batch of batches) {
    const texts = batch.map(([, { text }]) => text);
    const answer = await postJson(server.url, '/predict/batch', { texts });
    assert.equal(answer.status, 200, answer.text);
    const { results } = answer.json<PredictBatchResponse>();
    assert.equal(results.length, batch.length);
    for (const [place, [index]] of batch.entries()) {
      const result = results[place];
      assert.ok(result !== undefined && !('error' in result));
      assert.equal(result.index, place);
      assertSameAnswer(index, result);
    }
  }
});

function assertSameAnswer(
  index: number,
  answer: { readonly label?: string; readonly score?: number },
): void {
  const line = jobLines[index];
  assert.equal(answer.label, line?.label, `row ${index}`);
  const difference = Math.abs((answer.score ?? Number.NaN) - (line?.score ?? Number.NaN));
  assert.ok(difference <= 1e-5, `row ${index}: scores differ by ${difference}`);
}
