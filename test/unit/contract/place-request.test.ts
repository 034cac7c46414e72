import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkTexts } from '#core/contract/check-texts.ts';
import { laneSchema } from '#core/contract/lane.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { placeRequest, refuseTooManyItems } from '#core/contract/place-request.ts';
import type { ItemOutcome } from '#core/contract/predict.ts';
import { predictBatchResponse, predictResponse } from '#core/contract/shape-answer.ts';

const lanes = fc.constantFrom(undefined, ...laneSchema.options);

function place(items: number, lane: Parameters<typeof placeRequest>[0]['lane'], async_: boolean) {
  try {
    return placeRequest({ items, lane, prefersAsync: async_ }, defaultLimits).kind;
  } catch (error) {
    return String(Reflect.get(Object(error), 'code'));
  }
}

test('placeRequest answers inline only up to 32 items and never in another lane', () => {
  fc.assert(
    fc.property(fc.nat(11_000), lanes, fc.boolean(), (items, lane, prefersAsync) => {
      const placed = place(items, lane, prefersAsync);
      const isCpu = lane === undefined || lane === 'cpu';
      if (items > 10_000) assert.equal(placed, 'too_many_items');
      else if (!isCpu) assert.equal(placed, 'job');
      else if (items <= 32) assert.equal(placed, 'inline');
      else assert.equal(placed, prefersAsync || lane !== undefined ? 'job' : 'too_many_items');
    }),
  );
});

test('placeRequest never asks for a job in the lane inside the request', () => {
  const placement = placeRequest({ items: 33, lane: 'cpu', prefersAsync: false }, defaultLimits);

  assert.deepEqual(placement, { kind: 'job', reason: 'lane-requested', lane: undefined });
});

test('placeRequest names the limit and both remedies when it refuses', () => {
  assert.throws(
    () => placeRequest({ items: 33, lane: undefined, prefersAsync: false }, defaultLimits),
    (error: Error & { members?: unknown }) => {
      assert.match(error.message, /32.*respond-async.*lane/);
      assert.deepEqual(error.members, { limit_items: 32, received_items: 33 });
      return true;
    },
  );
});

test('refuseTooManyItems looks at the length of an own array only', () => {
  const many = Array.from({ length: 10_001 }, () => 'x');
  const refuse = (body: unknown) => refuseTooManyItems(body, 'texts', defaultLimits);

  assert.throws(() => refuse({ texts: many }), { code: 'too_many_items' });
  for (const body of [null, 5, 'texts', [], {}, { texts: 'x'.repeat(20_000) }, { texts: [1] }]) {
    refuse(body);
  }
});

test('a batch answer has every index once, in order, with its own outcome', () => {
  const value = fc.oneof(fc.string(), fc.constant(' '), fc.integer(), fc.constant(null));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 32 }), (values) => {
      const { good, bad } = checkTexts(values, defaultLimits);
      const { results, usage } = predictBatchResponse(
        { good, bad, outcomes: good.map(({ text }) => outcomeOf(text)) },
        { topK: undefined, facts },
      );
      assert.deepEqual(
        results.map(({ index }) => index),
        values.map((_, index) => index),
      );
      for (const result of results) {
        const text = values[result.index];
        if ('error' in result) assert.equal(result.error.code, 'invalid_request');
        else assert.equal(result.label, text);
        assert.equal('error' in result, typeof text !== 'string' || text.trim() === '');
      }
      assert.deepEqual(usage, { items: good.length, tokens: good.length * 2 });
    }),
  );
});

test('predictResponse throws the error of an item under a code of the closed list', () => {
  const failed = (code: string) => () =>
    predictResponse({ ok: false, error: { code, detail: 'x' } }, { topK: undefined, facts });

  assert.throws(failed('overloaded'), { code: 'overloaded' });
  assert.throws(failed('toString'), { code: 'unprocessable_input' });
  assert.throws(() => predictResponse(undefined, { topK: undefined, facts }), {
    code: 'unprocessable_input',
  });
});

const facts = {
  model: 'm',
  model_version: '1',
  processing_time_ms: 1,
  request_id: 'r',
  route: { lane: 'cpu', reason: 'inline' },
  cost: { usd: 0, basis: 'this machine' },
} as const;

/** Answers with the text as label, so that a mixed-up order shows. */
function outcomeOf(text: string): ItemOutcome {
  const scores = [{ label: text, score: 1 }];
  return { ok: true, answer: { kind: 'classification', scores, truncated: false, tokens: 2 } };
}
