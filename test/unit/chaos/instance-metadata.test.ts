import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { watchForReclaim } from '../../../gpu-batch/drain-on-reclaim.ts';
import { InstanceMetadata } from '../../../gpu-batch/instance-metadata.ts';
import { waitUntil } from '../../contract/wait-until.ts';
import { assertWithin } from '../../fixtures/harness/assert-within.ts';
import { startMetadataServer } from '../../fixtures/instance-metadata/metadata-server.ts';

interface OpenOptions {
  readonly monotonicMillis?: () => number;
  /** @default 10000, which no answer takes on a busy machine */
  readonly timeoutMillis?: number;
}

async function open(t: TestContext, options: OpenOptions = {}) {
  const server = await startMetadataServer();
  t.after(() => server.close());
  const { monotonicMillis, timeoutMillis } = { ...systemClock, timeoutMillis: 10_000, ...options };
  const metadata = new InstanceMetadata({ url: server.url, monotonicMillis, timeoutMillis });
  return { server, metadata };
}

test('404 is no notice and 200 is one, with its time', async (t) => {
  const { server, metadata } = await open(t);
  assert.equal(await metadata.spotNotice(), 'none');
  assert.equal(await metadata.rebalance(), 'none');

  const atEpochMillis = Date.parse('2030-01-02T03:04:05Z');
  server.announce({ action: 'terminate', atEpochMillis });
  server.recommendRebalance('2030-01-02T03:00:00Z');

  assert.deepEqual(await metadata.spotNotice(), { action: 'terminate', atEpochMillis });
  assert.equal(await metadata.rebalance(), '2030-01-02T03:00:00Z');
});

test('an instance says what it is and since when; where it does not, nobody guesses', async (t) => {
  const { server, metadata } = await open(t);
  assert.equal(await metadata.host(), undefined);
  const host = {
    instanceId: 'i-0abc',
    instanceType: 'g5.xlarge',
    launchedAt: '2026-11-24T10:00:00Z',
  };
  server.identify(host);
  assert.deepEqual(await metadata.host(), host);
  server.behave('broken');
  assert.equal(await metadata.host(), undefined);
});

test('a token is fetched once, renewed at half its life and after it was refused', async (t) => {
  let nowMillis = 0;
  const { server, metadata } = await open(t, { monotonicMillis: () => nowMillis });
  const tokens = () => server.requests.filter((line) => line.startsWith('PUT')).length;
  await metadata.spotNotice();
  await metadata.spotNotice();
  assert.equal(tokens(), 1);

  nowMillis = 10_800_000;
  await metadata.spotNotice();
  assert.equal(tokens(), 2);

  server.forgetTokens();
  assert.equal(await metadata.spotNotice(), 'none');
  assert.equal(tokens(), 3);
});

test('a service that is silent, broken, gone or talks nonsense is unknown, not a notice', async (t) => {
  const { server, metadata } = await open(t, { timeoutMillis: 300 });
  for (const text of ['<html>', '[]', '{"time":"2030-01-02T03:04:05Z"}', '']) {
    server.announceText(text);
    assert.equal(await metadata.spotNotice(), 'unknown', text);
  }
  server.behave('broken');
  assert.equal(await metadata.spotNotice(), 'unknown');
  server.behave('silent');
  const start = performance.now();
  assert.equal(await metadata.spotNotice(), 'unknown');
  const tookMillis = performance.now() - start;
  await assertWithin('giving up on a silent service', { tookMillis, limitMillis: 2_000 });
  const gone = new InstanceMetadata({ url: 'http://127.0.0.1:1', ...systemClock });
  assert.equal(await gone.spotNotice(), 'unknown');
});

test('a notice without a readable time is a notice', async (t) => {
  const { server, metadata } = await open(t);
  server.announceText('{"action":"stop","time":"soon"}');

  assert.deepEqual(await metadata.spotNotice(), { action: 'stop', atEpochMillis: undefined });
});

test('the watch survives outages, tells a rebalance once and ends with the notice', async (t) => {
  const { server, metadata } = await open(t);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const told: string[] = [];
  let millisLeft: number | undefined;
  const watching = watchForReclaim({
    metadata,
    clock: systemClock,
    pollMillis: 5,
    stop: stop.signal,
    onReclaim: (notice) => {
      told.push(notice.action);
      millisLeft = notice.millisLeft;
    },
    onRebalance: (noticeTime) => told.push(noticeTime),
  });
  const seen = async (more: number) => {
    const before = server.requests.length;
    await waitUntil('more questions', () => server.requests.length >= before + more);
  };

  await seen(4);
  server.behave('broken');
  server.forgetTokens();
  await seen(6);
  server.behave('well');
  server.recommendRebalance('r1');
  await waitUntil('the recommendation', () => told.length === 1);
  await seen(6);
  server.announce({ action: 'terminate', atEpochMillis: Date.now() + 90_000 });
  await watching;

  assert.deepEqual(told, ['r1', 'terminate']);
  assert.ok(millisLeft !== undefined && millisLeft > 80_000 && millisLeft <= 90_000);
});

test('the time left of a notice is never negative and never above two minutes', async () => {
  const leftAt = async (atEpochMillis: number) => {
    let left: number | undefined;
    await watchForReclaim({
      metadata: {
        spotNotice: async () => ({ action: 'terminate', atEpochMillis }),
        rebalance: async () => 'none',
      },
      clock: { ...systemClock, epochMillis: () => 1_000_000 },
      pollMillis: 1,
      stop: new AbortController().signal,
      onReclaim: ({ millisLeft }) => {
        left = millisLeft;
      },
      onRebalance: () => undefined,
    });
    return left;
  };

  assert.equal(await leftAt(1_030_000), 30_000);
  assert.equal(await leftAt(400_000), 0);
  assert.equal(await leftAt(99_000_000), 120_000);
});
