import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '#core/contract/limits.ts';
import type { ItemAnswer } from '#core/contract/predict.ts';
import { errorLine, resultLine } from '#core/formats/output-lines.ts';
import { rowParserFor } from '#core/formats/parse-row.ts';

const scores = [
  { label: 'A', score: 0.75 },
  { label: 'B', score: 0.25 },
];
const label: ItemAnswer = { kind: 'classification', scores, truncated: false, tokens: 3 };
const vector: ItemAnswer = { kind: 'embedding', embedding: [0.5, -1], truncated: false, tokens: 3 };
const place = { index: 4, line: 6, offset: 60 };

function read(content: string, reading: Parameters<typeof rowParserFor>[2]) {
  const bytes = new TextEncoder().encode(content);
  return rowParserFor('jsonl', defaultLimits, reading)({ content: bytes, sizeBytes: bytes.length });
}

test('a plain result line repeats file, id and joined columns in input order', () => {
  const input = [
    ['2020', 'x'],
    ['10', 1],
    ['__proto__', null],
  ] as const;
  const line = resultLine({ ...place, id: 'r', file: 'a.csv', input }, label, undefined);

  assert.equal(
    line,
    '{"index":4,"file":"a.csv","id":"r","label":"A","score":0.75,' +
      '"input":{"2020":"x","10":1,"__proto__":null}}\n',
  );
});

test('an error line has file and id but never an input', () => {
  const input = [['a', 'secret']] as const;
  const error = { code: 'invalid_row', detail: 'why' };

  assert.equal(
    errorLine({ ...place, id: 7, file: 'a.csv', input }, error),
    '{"index":4,"file":"a.csv","line":6,"offset":60,"id":7,"error":{"code":"invalid_row","detail":"why"}}\n',
  );
  assert.equal(
    errorLine(place, error),
    '{"index":4,"line":6,"offset":60,"error":{"code":"invalid_row","detail":"why"}}\n',
  );
});

test('a row joins the named fields, or all but text and id, and keeps long numbers as written', () => {
  const row =
    '{"id":1,"text":"t","key":12345678901234567890,"n":0.5,"deep":{"k":[98765432109876543210]}}';
  const all = read(row, { join: true });
  const some = read(row, { join: ['n', 'text', 'none'] });

  assert.ok(all.ok && some.ok);
  const line = resultLine(
    { ...place, ...(all.input ? { input: all.input } : {}) },
    label,
    undefined,
  );
  assert.match(
    line,
    /"input":\{"key":12345678901234567890,"n":0.5,"deep":\{"k":\[98765432109876543210\]\}\}\}/,
  );
  assert.deepEqual(some.input, [
    ['text', 't'],
    ['n', 0.5],
  ]);
});

test('an OpenAI row gives body.input or body.text and its custom_id', () => {
  const reading = { shape: 'openai', model: 'm' } as const;
  const line = (body: object, more: object = {}) =>
    JSON.stringify({ custom_id: 'c1', method: 'POST', url: '/v1/embeddings', body, ...more });

  assert.deepEqual(read(line({ model: 'm', input: 'hello' }), reading), {
    ok: true,
    text: 'hello',
    id: 'c1',
  });
  assert.deepEqual(read(line({ input: ['one'] }), reading), { ok: true, text: 'one', id: 'c1' });
  assert.deepEqual(read(line({ text: 'two' }), reading), { ok: true, text: 'two', id: 'c1' });
  const base64 = read(line({ input: 'x', encoding_format: 'base64' }), reading);
  assert.ok(base64.ok && base64.encoding === 'base64');
  for (const bad of [
    line({ model: 'other', input: 'x' }),
    line({ input: ['a', 'b'] }),
    line({ input: [1, 2] }),
    line({ input: '' }),
    line({ input: 'x', dimensions: 2 }),
    line({}),
    line({ input: 'x' }, { method: 'GET' }),
    line({ input: 'x' }, { body: 'x' }),
  ]) {
    const row = read(bad, reading);
    assert.ok(!row.ok && row.error.code === 'invalid_row' && row.id === 'c1', bad);
  }
});

test('OpenAI lines have the shape that its clients read', () => {
  const batch = { token: 'abc_4', model: 'm' };
  const named = { ...place, id: 'c1', batch };

  assert.deepEqual(JSON.parse(resultLine(named, vector, undefined)), {
    id: 'batch_req_abc_4',
    custom_id: 'c1',
    response: {
      status_code: 200,
      request_id: 'req_abc_4',
      body: {
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding: [0.5, -1] }],
        model: 'm',
        usage: { prompt_tokens: 3, total_tokens: 3 },
      },
    },
    error: null,
  });
  const { response } = JSON.parse(resultLine(named, label, { topK: 2 })) as {
    response: { body: { data: unknown } };
  };
  assert.deepEqual(response.body.data, [
    { object: 'classification', index: 0, results: scores, truncated: false },
  ]);
  assert.deepEqual(
    JSON.parse(errorLine({ ...place, batch }, { code: 'invalid_row', detail: 'why' })),
    {
      id: 'batch_req_abc_4',
      custom_id: null,
      response: null,
      error: { code: 'invalid_row', message: 'why (line 6)' },
    },
  );
});

test('base64 of an embedding is little-endian float32', () => {
  const batch = { token: 't', model: 'm', encoding: 'base64' } as const;
  const line = JSON.parse(resultLine({ ...place, batch }, vector, undefined)) as {
    response: { body: { data: [{ embedding: string }] } };
  };
  const bytes = Buffer.from(line.response.body.data[0].embedding, 'base64');

  assert.deepEqual([bytes.readFloatLE(0), bytes.readFloatLE(4), bytes.length], [0.5, -1, 8]);
});

test('a line of a mixed job says its variant, whatever shape it has', () => {
  const variant = 'gpu-fp16';
  const batch = { token: 'abc_4', model: 'm' };
  for (const where of [place, { ...place, id: 'c1', batch }]) {
    assert.equal(JSON.parse(resultLine(where, label, { variant })).variant, variant);
    assert.ok(!('variant' in JSON.parse(resultLine(where, label))));
  }
});
