import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverHarness } from './server-harness.ts';

const key = 'bucket/out/a b/results.jsonl';
const path = `/objects/${key.split('/').map(encodeURIComponent).join('/')}?signature=good`;

test('a signed link gives the object with its length and type', async (t) => {
  const { send, deps } = await serverHarness(t);
  await deps.objectStore.put(key, Buffer.from('0123456789'));

  const answer = await send(path);

  assert.equal(answer.status, 200);
  assert.equal(answer.text, '0123456789');
  assert.equal(answer.headers['content-length'], '10');
  assert.equal(answer.headers['content-type'], 'application/jsonl');
  assert.equal(answer.headers['accept-ranges'], 'bytes');
});

test('a signed link gives parts of the object', async (t) => {
  const { send, deps } = await serverHarness(t);
  await deps.objectStore.put(key, Buffer.from('0123456789'));
  const part = (range: string, more = {}) => send(path, { headers: { range, ...more } });

  const middle = await part('bytes=2-4');
  const tail = await part('bytes=-3');
  const outside = await part('bytes=10-');
  const changed = await part('bytes=2-4', { 'if-range': '"other"' });
  const same = await part('bytes=2-4', { 'if-range': String(middle.headers.etag) });

  assert.equal(middle.status, 206);
  assert.equal(middle.text, '234');
  assert.equal(middle.headers['content-range'], 'bytes 2-4/10');
  assert.equal(tail.text, '789');
  assert.equal(outside.status, 416);
  assert.equal(changed.status, 200);
  assert.equal(changed.text, '0123456789');
  assert.equal(same.status, 206);
});

test('a link gives an empty object, and only the headers to HEAD', async (t) => {
  const { send, deps } = await serverHarness(t);
  await deps.objectStore.put(key, new Uint8Array());

  const get = await send(path);
  await deps.objectStore.put(key, Buffer.from('0123456789'));
  const head = await send(path, { method: 'HEAD' });

  assert.equal(get.status, 200);
  assert.equal(get.text, '');
  assert.equal(head.headers['content-length'], '10');
  assert.equal(head.text, '');
});

test('a link that was not signed or whose object is gone gives a problem', async (t) => {
  const { send, logged } = await serverHarness(t);

  const forbidden = await send('/objects/bucket/secret');
  const gone = await send(path);

  assert.equal(forbidden.status, 403);
  assert.equal(gone.status, 404);
  assert.equal(JSON.parse(gone.text).code, 'object_not_found');
  assert.ok(!JSON.stringify(logged).includes('secret'));
});

test('a large object arrives whole', async (t) => {
  const { send, deps } = await serverHarness(t);
  const large = Buffer.alloc(9_000_000, 'abcdefghi\n');
  await deps.objectStore.put(key, large);

  const answer = await send(path);

  assert.equal(answer.text.length, large.length);
  assert.ok(Buffer.from(answer.text).equals(large));
});
