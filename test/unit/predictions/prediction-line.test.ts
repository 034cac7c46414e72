import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cutTexts, jsonBytes } from '#core/predictions/cut-texts.ts';
import { digestOf, MOST_DIGESTED_ITEMS } from '#core/predictions/prediction-digest.ts';
import {
  MOST_LINE_BYTES,
  predictionLine,
  predictionLineSchema,
} from '#core/predictions/prediction-line.ts';

const at = '2026-11-24T10:00:00.000Z';
const answer = {
  kind: 'classification',
  scores: [
    { label: 'POSITIVE', score: 0.998 },
    { label: 'NEGATIVE', score: 0.002 },
  ],
  truncated: false,
  tokens: 7,
} as const;

function requestOf(texts: readonly string[]) {
  const outcomes = texts.map(() => ({ ok: true, answer }) as const);
  const about = { requestId: 'one', tenant: 'acme', model: 'sst2-minilm', status: 200 };
  return {
    ...about,
    askedItems: texts.length + 1,
    predicted: { variant: 'cpu-int8', texts, outcomes },
  };
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

test('texts that fit are kept whole, others are prefixes of fair length', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 });
  const texts = fc.array(text, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(texts, fc.integer({ min: 20, max: 1_000 }), (given, perText) => {
      const maxBytes = perText * given.length;
      const cut = cutTexts(given, { maxBytes });

      const sizes = cut.map((each) => jsonBytes(each.text));
      assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= maxBytes);
      for (const [index, { text: kept, isCut }] of cut.entries()) {
        const whole = given[index] ?? '';
        assert.ok(whole.startsWith(kept));
        assert.equal(kept.length < whole.length, isCut);
        assert.ok(!whole.isWellFormed() || kept.isWellFormed(), 'no character is split');
        // What fits into an even share is never cut.
        if (jsonBytes(whole) <= perText) assert.ok(!isCut);
      }
    }),
  );
});

test('a line is never larger than CloudWatch takes, whatever the texts', () => {
  // Each of these five thousand takes six bytes in JSON.
  const worst = '\u0001'.repeat(5_000);
  for (const texts of [Array(32).fill(worst), Array(2_048).fill('é'), Array(20_000).fill(worst)]) {
    const line = predictionLine(requestOf(texts), { at });

    assert.ok(line !== undefined && bytesOf(line) <= MOST_LINE_BYTES, `${bytesOf(line)}`);
    assert.equal(line.items.length + (line.leftOut ?? 0), texts.length);
    assert.deepEqual(predictionLineSchema.parse(JSON.parse(JSON.stringify(line))), line);
  }
});

test('a line says of each text what the model said, and marks what was cut', () => {
  const line = predictionLine(requestOf(['a film', 'x'.repeat(300_000)]), { at });

  const [whole, cut] = line?.items ?? [];
  assert.deepEqual(whole, { index: 0, text: 'a film', tokens: 7, scores: answer.scores });
  assert.equal(cut?.cut, true);
  assert.ok((cut?.text.length ?? 0) > 200_000);
  assert.equal(predictionLine({ ...requestOf([]), predicted: undefined }, { at }), undefined);
});

test('a digest holds lengths and answers, and nothing of a text', () => {
  const secret = 'canary-7f3a';
  const failed = { ok: false, error: { code: 'unprocessable_input', detail: secret } } as const;
  const request = requestOf([secret, secret]);
  const [first] = request.predicted.outcomes;
  assert.ok(first !== undefined);
  const digest = digestOf({
    ...request,
    predicted: { ...request.predicted, outcomes: [first, failed] },
  });

  assert.deepEqual(digest, {
    status: 200,
    variant: 'cpu-int8',
    refused: 1,
    items: [
      { chars: 11, tokens: 7, label: 'POSITIVE', score: 0.998 },
      { chars: 11, code: 'unprocessable_input' },
    ],
  });
  assert.ok(!JSON.stringify(digest).includes(secret));
  const many = digestOf(requestOf(Array(MOST_DIGESTED_ITEMS + 5).fill('a')));
  assert.deepEqual([many.items.length, many.leftOut], [MOST_DIGESTED_ITEMS, 5]);
});
