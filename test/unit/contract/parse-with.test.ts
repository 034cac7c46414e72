import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createJobRequestSchema } from '#core/contract/job.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { listJobsQuerySchema } from '#core/contract/list-jobs-query.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { predictRequestSchema } from '#core/contract/predict.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

const predict = predictRequestSchema(defaultLimits);

function refusalOf(value: unknown, schema: Parameters<typeof parseWith>[0] = predict) {
  try {
    parseWith(schema, value);
  } catch (error) {
    if (error instanceof SwitchyardError) return error;
    throw error;
  }
  return assert.fail('nothing was refused');
}

test('parseWith fills in defaults', () => {
  assert.deepEqual(parseWith(predict, { text: 'a' }), { text: 'a', model: 'sst2-minilm' });
});

test('parseWith points to each bad member and names the first', () => {
  const { code, members } = refusalOf({ text: 5, topK: 0 });

  assert.equal(code, 'invalid_request');
  assert.equal(members['param'], 'text');
  assert.deepEqual(
    (members['errors'] as { pointer: string }[]).map(({ pointer }) => pointer),
    ['#/text', '#/topK'],
  );
});

test('parseWith points to a field that is not known, and hides a strange one', () => {
  const known = refusalOf({ text: 'a', txt: 'b' });
  const strange = refusalOf({ text: 'a', 'Dear Sir, my account number is 1234': 1 });

  assert.match(JSON.stringify(known.members), /"#\/txt"/);
  assert.ok(!JSON.stringify([strange.members, strange.detail]).includes('account'));
});

test('parseWith refuses the names of prototype members as fields', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    assert.equal(refusalOf(JSON.parse(`{"text":"a","${name}":1}`)).code, 'invalid_request');
  }
});

test('parseWith shows at most 20 errors of 10,000', () => {
  const items = Array.from({ length: 10_000 }, () => ({ text: 'a', id: {} }));

  const error = refusalOf({ items }, createJobRequestSchema(defaultLimits));

  assert.equal((error.members['errors'] as unknown[]).length, 20);
  assert.match(error.detail, /more/);
});

test('parseWith never repeats a value', () => {
  const marker = 'ZxQy7';
  fc.assert(
    fc.property(
      fc.object({ maxDepth: 3, withBigInt: false, key: fc.string() }),
      fc.constantFrom('text', 'model', 'topK', 'lane', 'deadlineMs', 'other'),
      fc.string(),
      (rest, field, around) => {
        const value = { ...rest, [field]: `${around} ${marker} ${around}`.repeat(900) };
        const error = refusalOf(value);
        assert.ok(!JSON.stringify([error.detail, error.members]).includes(marker));
      },
    ),
  );
});

test('parseWith reads the query of GET /jobs', () => {
  assert.deepEqual(parseWith(listJobsQuerySchema, {}), { limit: 20 });
  assert.deepEqual(parseWith(listJobsQuerySchema, { limit: '7', after: 'x-1' }), {
    limit: 7,
    after: 'x-1',
  });
  for (const limit of ['0', '101', '-1', '1e1', 'ten', '']) {
    assert.equal(refusalOf({ limit }, listJobsQuerySchema).members['param'], 'limit', limit);
  }
});

test('parseWith says in plain words what is wrong', () => {
  const create = createJobRequestSchema(defaultLimits);
  const worded: readonly (readonly [
    value: unknown,
    schema: typeof predict | typeof create,
    detail: string,
  ])[] = [
    [{}, predict, '`text` is missing'],
    [[], predict, 'must be an object, not a list'],
    [{ text: 5 }, predict, 'text: a text must be a string'],
    [{ text: 'a', topK: '3' }, predict, 'topK: must be a number, not a string'],
    [{ text: 'a', topK: 2.5 }, predict, 'topK: must be a whole number'],
    [{ text: 'a', topK: 0 }, predict, 'topK: must be at least 1'],
    [{ text: 'a', maxUsd: 0 }, predict, 'maxUsd: must be above 0'],
    [
      { text: 'a', lane: 'gpu' },
      predict,
      'lane: must be "cpu", "cpu-fleet", "gpu-spot" or "gpu-on-demand"',
    ],
    [
      { text: 'a', topk: 1 },
      predict,
      'topk: this field is not known; there are: text, model, topK, deadlineMs, lane, maxUsd',
    ],
    [{ items: [{}] }, create, '`items.0.text` is missing'],
    [{ items: [], options: { textColumn: '' } }, create, 'options/textColumn: must not be empty'],
  ];
  for (const [value, schema, detail] of worded) {
    const told = refusalOf(value, schema).detail;
    assert.ok(told.startsWith(detail), told);
  }
});
