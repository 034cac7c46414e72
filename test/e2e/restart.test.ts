import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import {
  completeJob,
  createJob,
  findJob,
  getJob,
  listJobs,
  outcomeOf,
  reachShare,
  runJob,
} from '../fixtures/harness/jobs.ts';
import {
  assertEveryRowOnce,
  digests,
  drop,
  type Outcome,
  outboxPath,
  putObject,
  successOf,
} from '../fixtures/harness/outbox.ts';
import { isRunning } from '../fixtures/harness/processes.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

const rowCount = 60_000;
const content = toJsonl(generatedReviews(rowCount, 11));
const target = { model: 'tiny-text', file: 'reviews.jsonl' };
let server: Switchyard;
let undisturbed: Outcome;

before(async () => {
  server = await startSwitchyard();
  const input = await putObject(server, 'uploads/calm.jsonl', content);
  undisturbed = await runJob(server, { model: 'tiny-text', input });
  assertEveryRowOnce(undisturbed, rowCount);
});

after(async () => {
  await server?.dispose();
});

async function restart(): Promise<void> {
  server = await startSwitchyard({ dataFolder: server.dataFolder });
}

test('a dropped file survives kill -9 of every process half way', async () => {
  await drop(server, target, content);
  const { id } = await findJob(server, '/reviews.jsonl');
  await reachShare(server, id, 0.3);
  await server.killTree();
  assert.ok(!existsSync(join(outboxPath(server, target.model, target.file), '_SUCCESS')));

  await restart();
  const outcome = await successOf(server, target);

  assert.deepEqual(digests(outcome), digests(undisturbed));
  const job = await completeJob(server, id);
  assert.deepEqual(job.counts, { total: rowCount, completed: rowCount, failed: 0 });
});

test('a restarted server does not take a finished drop again', async () => {
  const manifest = join(outboxPath(server, target.model, target.file), 'manifest.json');
  const before = await readFile(manifest, 'utf8');
  const control = { model: 'tiny-text', file: 'control.jsonl' };
  await server.killTree();
  await restart();
  await drop(server, control, '{"text":"fine"}\n');

  // The control file came later and is through: the older one was looked at before it.
  await successOf(server, control);

  assert.equal(await readFile(manifest, 'utf8'), before);
  const jobs = await listJobs(server);
  assert.equal(jobs.filter(({ input }) => input.endsWith('/reviews.jsonl')).length, 1);
});

test('workers end by themselves after kill -9 of the server alone', async () => {
  const input = await putObject(server, 'uploads/alone.jsonl', content);
  const { id } = await createJob(server, { model: 'tiny-text', input });
  await reachShare(server, id, 0.3);

  const orphans = await server.killServer();

  assert.ok(
    orphans.some(({ command }) => command.includes('gpu-batch/main.ts')),
    'workers ran',
  );
  const left = () => orphans.filter(isRunning);
  const explain = () => JSON.stringify(left());
  await waitUntil('orphans end', () => left().length === 0, { deadlineMillis: 15_000, explain });
  await restart();
  const outcome = await outcomeOf(server, await completeJob(server, id));
  assert.deepEqual(digests(outcome), digests(undisturbed));
});

test('a job goes on at once when the server restarts beside its old workers', async () => {
  const input = await putObject(server, 'uploads/beside.jsonl', content);
  const { id } = await createJob(server, { model: 'tiny-text', input });
  await reachShare(server, id, 0.2);

  await server.killServer();
  await restart();

  const outcome = await outcomeOf(server, await completeJob(server, id));
  assert.deepEqual(digests(outcome), digests(undisturbed));
});

test('jobs that were answered 202 survive an immediate kill -9', async () => {
  const texts = Array.from({ length: 4 }, (_, job) =>
    generatedReviews(500, 100 + job).map(({ text }) => ({ text })),
  );
  const created = await Promise.all(
    texts.map((items) => createJob(server, { model: 'tiny-text', items })),
  );
  await server.killTree();

  await restart();

  for (const { id } of created) {
    const job = await completeJob(server, id);
    assert.deepEqual(job.counts, { total: 500, completed: 500, failed: 0 });
    assertEveryRowOnce(await outcomeOf(server, job), 500);
  }
});

test('GET /jobs/{id} still knows a finished job after a restart', async () => {
  const [known] = (await listJobs(server)).filter(({ status }) => status === 'completed');
  assert.ok(known !== undefined);
  await server.killTree();
  await restart();

  assert.deepEqual(await getJob(server, known.id), known);
});
