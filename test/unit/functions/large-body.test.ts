import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '../../fixtures/harness/wait-for.ts';
import { serverHarness } from './server-harness.ts';

const film = JSON.stringify({ text: 'a gripping, beautiful film' });

test('the server refuses 7 MB with the limit and answers the next request', async (t) => {
  const { send } = await serverHarness(t);
  const body = JSON.stringify({ text: 'x'.repeat(7_000_000) });
  const announced = { 'content-length': String(body.length) };
  for (const headers of [announced, { 'transfer-encoding': 'chunked' }]) {
    const answer = await send('/predict', { body, headers });
    assert.equal(answer.status, 413);
    assert.equal(answer.headers.connection, 'close');
    const problem = JSON.parse(answer.text);
    assert.equal(problem.limit_bytes, 4_194_304);
    assert.ok(problem.received_bytes > 4_194_304);
    assert.match(problem.detail, /POST \/jobs/);
    assert.equal((await send('/predict', { body: film })).status, 200);
  }
});

test('a client that reads only after it sent everything still gets the 413', async (t) => {
  const { open } = await serverHarness(t);
  const { socket, closed, received } = open();
  socket.pause();

  socket.write('POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7000000\r\n\r\n');
  const { promise: sent, resolve } = Promise.withResolvers<void>();
  socket.write('x'.repeat(7_000_000), () => resolve());
  await sent;
  socket.resume();

  await closed;
  assert.match(received(), /^HTTP\/1\.1 413 /);
});

test('the server answers 413 before the body is there', async (t) => {
  const { open } = await serverHarness(t);
  const { socket, received } = open();

  socket.write(
    'POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7000000\r\n\r\n{"text":"',
  );

  await waitUntil('the whole answer', () => received().endsWith('}'));
  assert.match(received(), /^HTTP\/1\.1 413 /);
});

test('the server lets a client that asks first send what fits, and nothing else', async (t) => {
  const { open } = await serverHarness(t);
  const small = open();
  const large = open();
  const head = (length: number) =>
    `POST /predict HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;

  small.socket.write(head(film.length));
  large.socket.write(head(7_000_000));

  await waitUntil('the invitation', () => small.received() === 'HTTP/1.1 100 Continue\r\n\r\n');
  small.socket.write(film);
  await waitUntil('the answer', () => small.received().includes('HTTP/1.1 200 '));
  await waitUntil('the refusal', () => large.received().endsWith('}'));
  assert.match(large.received(), /^HTTP\/1\.1 413 /);
});
