import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JobView } from '#core/contract/job-view.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { predictionLineSchema } from '#core/predictions/prediction-line.ts';
import { postJson, send } from '../fixtures/harness/http.ts';
import { completeJob } from '../fixtures/harness/jobs.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

// A word that a caller wrote is looked for in everything that a real server left, after every way to
// send one: good, refused, in a batch, in a wrong place, in a job.

const canary = 'zqxcanary7f3a';

async function sendEverywhere(server: Switchyard): Promise<void> {
  const { url } = server;
  const text = `a film of ${canary}, moving and wise`;
  const good = await postJson(url, '/predict', { text });
  const batch = await postJson(url, '/predict/batch', {
    texts: [text, '', `${canary} `.repeat(900)],
  });
  assert.deepEqual([good.status, batch.status], [200, 200], batch.text);
  const refusals = await Promise.all([
    postJson(url, '/predict', { text: `${canary} `.repeat(900) }),
    postJson(url, '/predict', { text, [canary]: 1 }),
    postJson(url, '/predict', { text, model: canary }),
    postJson(url, '/predict', { text: [canary] }),
    send(url, '/predict', { method: 'POST', body: `{"text": "${canary}` }),
    send(url, `/jobs/${canary}?${canary}=1`),
  ]);
  for (const { status } of refusals) assert.ok(status >= 400 && status < 500, `${status}`);
  const accepted = await postJson(url, '/jobs', { items: [{ text, id: '1' }] });
  await completeJob(server, accepted.json<JobView>().id);
}

/** Everything below a folder of the data folder, in one text; empty where it is missing. */
async function contentOf(server: Switchyard, name: string): Promise<string> {
  const folder = join(server.dataFolder, name);
  if (!existsSync(folder)) return '';
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
  );
  return texts.join('');
}

async function runWith(t: TestContext, env: Record<string, string>) {
  const server = await startSwitchyard({ env });
  t.after(() => server.dispose());
  await sendEverywhere(server);
  const { text: metrics } = await send(server.url, '/metrics');
  const { text: costs } = await send(server.url, '/costs');
  await server.stop();
  const ledger = await contentOf(server, 'ledger');
  return { server, metrics, costs, ledger, predictions: await contentOf(server, 'predictions') };
}

const rowsOf = (ledger: string): readonly LedgerRow[] =>
  ledger
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ source }) => source === 'request');

test('with digests no text is in logs, ledger, metrics, costs or router states', async (t) => {
  const { server, ledger, ...seen } = await runWith(t, {});

  const everything = { ...seen, ledger, output: server.output() };
  for (const [place, content] of Object.entries({
    ...everything,
    states: await contentOf(server, 'work/state'),
    router: await contentOf(server, 'work/router'),
  })) {
    assert.ok(!content.includes(canary), `${place}: ${content}`);
  }
  assert.match(everything.output, /"path":"\/predict"/);
  assert.equal(seen.predictions, '');
  const [good, batch] = rowsOf(ledger);
  assert.equal(good?.digest?.items.length, 1);
  assert.match(good?.digest?.items[0]?.label ?? '', /^(POSITIVE|NEGATIVE)$/);
  assert.deepEqual([batch?.digest?.items.length, batch?.digest?.refused], [1, 2]);
});

test('with "full" the texts are in their own files and nowhere else', async (t) => {
  const full = await runWith(t, { SWITCHYARD_PREDICTION_LOG: 'full' });

  const { server, metrics, costs, ledger } = full;
  assert.ok(![metrics, costs, ledger, server.output()].some((each) => each.includes(canary)));
  const lines = full.predictions.trim().split('\n');
  const items = lines.flatMap((line) => predictionLineSchema.parse(JSON.parse(line)).items);
  assert.deepEqual(
    items.map(({ text, scores }) => [text, scores?.length]),
    [1, 2].map(() => [`a film of ${canary}, moving and wise`, 2]),
  );
  assert.ok(rowsOf(ledger).every(({ digest }) => digest !== undefined));
});
