import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { seededFractions } from '#core/chaos/kill-schedule.ts';
import { generateArrivals } from '#core/routing/replay/arrivals.ts';
import { readSpotZones } from '#core/routing/replay/spot-zones.ts';
import { openLiveRouter } from '#work/routing/live-router.ts';
import { measureFile } from '../../../cli/files/measure-file.ts';
import { runCli } from '../../../cli/run-cli.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import { localState, testCurve } from '../../fixtures/routing/live-states.ts';
import { generatedTrace } from '../../fixtures/traces/generate-trace.ts';
import { serverHarness } from '../functions/server-harness.ts';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-replay-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function run(args: readonly string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await runCli(args, { stdin, stdout, stderr, variables: {} });
  const textOf = (stream: PassThrough): string => String(stream.read() ?? '');
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

async function traceOf(t: TestContext): Promise<string> {
  const file = join(await folderOf(t), 'arrivals.csv');
  const arrivals = generateArrivals({ perHour: 200, hours: 6, tokens: 20 }, seededFractions(4));
  const lines = arrivals.map(({ seconds, tokens }) => `${seconds},${tokens}`);
  await writeFile(file, `t_s,input_tokens\n${lines.join('\n')}\n`);
  return file;
}

test('quote counts the rows of a table without its header', async (t) => {
  const file = join(await folderOf(t), 'reviews.csv');
  await writeFile(file, 'id,text\n1,good\n2,bad\n');

  assert.deepEqual((await measureFile(file)).items, 2);
});

test('replay compares the named policies, the same for the same seed', async (t) => {
  const args = ['replay', await traceOf(t), '--jobs', '1', '--policy', 'router,always-cpu'];

  const table = await run(args);
  const first = await run([...args, '--json']);
  const second = await run([...args, '--json']);

  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^POLICY .*\nrouter .*\nalways-cpu .*\nclairvoyant .*\n$/);
  assert.match(table.stderr, /assumed: Lambda with 1769 MB/);
  assert.equal(first.stdout, second.stdout);
  const [router, cpu] = JSON.parse(first.stdout).policies;
  assert.equal(router.missed, 0);
  assert.ok(router.requests.requests > 500 && router.jobs.jobs === 9);
  assert.ok(router.usd < cpu.usd);
});

test('replay takes a file of spot zones, and refuses what it cannot use', async (t) => {
  const trace = await traceOf(t);
  const spot = await run(['replay', trace, '--jobs', '1', '--spot', generatedTrace, '--json']);
  assert.equal(spot.code, 0, spot.stderr);

  const unknown = await run(['replay', trace, '--policy', 'dice']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /there are router, /);
  assert.equal((await run(['replay', `${trace}.none`])).code, 2);
  assert.equal((await run(['replay', generatedTrace])).code, 2);
  assert.equal((await run(['replay', trace, '--region', 'mars-1'])).code, 2);
  assert.throws(() => readSpotZones([{ trace_id: 'a', nodes_requested: '4' }]), {
    code: 'invalid_setting',
  });
});

test('quote tells time and price of a file at several deadlines', async (t) => {
  const router = await openLiveRouter(
    { objectStore: createMemoryObjectStore(), clock: systemClock },
    [
      {
        name: 'sst2-minilm',
        curve: { inline: testCurve, bulkPerTokenSeconds: 0.00005, isAssumed: false },
        assemble: (learnt, takenAt) => localState({ model: 'sst2-minilm', takenAt }, learnt),
      },
    ],
  );
  const { port } = await serverHarness(t, { deps: { router } });
  const url = `http://127.0.0.1:${port}`;
  const file = join(await folderOf(t), 'rows.jsonl');
  await writeFile(file, '{"text":"a gripping, beautiful film"}\n'.repeat(20_000));

  const shown = await run(['quote', file, '--url', url, '--deadline', '1s,1h']);
  const asked = await run(['quote', file, '--url', url, '--json']);
  const { items, quotes } = JSON.parse(asked.stdout);

  assert.equal(shown.code, 0, shown.stderr);
  assert.match(shown.stdout, /1 s +no /);
  assert.match(shown.stdout, /1 h 00 min +yes +cpu-fleet/);
  assert.equal(items, 20_000);
  assert.equal(quotes.length, 3);
  assert.ok(quotes.every(({ plan }: { plan: { usd: number } }) => plan.usd > 0));
  assert.equal((await run(['quote', file, '--url', url, '--deadline', 'soon'])).code, 2);
  assert.equal((await run(['quote', `${file}.none`, '--url', url])).code, 2);
});
