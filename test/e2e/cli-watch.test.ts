import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isTerminal, type JobView } from '#core/contract/job-view.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { send } from '../fixtures/harness/http.ts';
import { getJob } from '../fixtures/harness/jobs.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { runCommand, startCommand } from './run-cli.ts';

/** A file of reviews in the server's data folder, which the harness removes. */
async function reviewFile(server: Switchyard, rowCount: number): Promise<string> {
  const file = join(server.dataFolder, 'reviews.jsonl');
  await writeFile(file, toJsonl(generatedReviews(rowCount, 1)));
  return file;
}

/** A job of so slow cells runs for a while, on a machine of any speed. */
const slowCells = (millis: number) => ({ SWITCHYARD_SLOW_MILLIS_PER_CELL: String(millis) });
const model = ['--model', 'tiny-text'];

test('Ctrl-C ends a watch with 130 and the job goes on; a cancelled one ends it with 4', async (t) => {
  const server = await startSwitchyard({ env: slowCells(1_000) });
  t.after(() => server.dispose());
  const file = await reviewFile(server, 10_000);
  const options = { env: { SWITCHYARD_URL: server.url } };
  const args = ['submit', file, ...model, '--watch', '--json'];
  const first = startCommand(t, args, options);
  await first.says(/running: /);

  first.interrupt();
  const interrupted = await first.ended;

  assert.equal(interrupted.exitCode, 130, interrupted.stderr);
  assert.match(interrupted.stderr, /The job goes on.*switchyard status job_/);
  const { id }: JobView = JSON.parse(interrupted.stdout);
  const { status } = await getJob(server, id);
  assert.ok(!isTerminal(status) && status !== 'cancelling', status);

  const second = startCommand(t, args, options);
  await second.says(/running: /);
  await send(server.url, `/jobs/${id}`, { method: 'DELETE' });
  const cancelled = await second.ended;

  assert.equal(cancelled.exitCode, 4, cancelled.stderr);
  const end: JobView = JSON.parse(cancelled.stdout);
  assert.deepEqual([end.id, end.status], [id, 'cancelled']);
  assert.equal((await runCommand(t, ['results', id], options)).exitCode, 4);
});

test('a watch survives the end of its server and a new start', async (t) => {
  const env = slowCells(200);
  const first = await startSwitchyard({ env });
  t.after(() => first.dispose());
  const file = await reviewFile(first, 3_000);
  const args = ['submit', file, ...model, '--watch', '--json', '--url', first.url];
  const watch = startCommand(t, args);
  await watch.says(/running: /);

  await first.killTree();
  await watch.says(/waiting: no service at/);
  const { port } = new URL(first.url);
  const { dataFolder } = first;
  const second = await startSwitchyard({ dataFolder, env: { ...env, PORT: port } });
  t.after(() => second.dispose());
  const end = await watch.ended;

  assert.equal(end.exitCode, 0, end.stderr);
  const job: JobView = JSON.parse(end.stdout);
  assert.deepEqual([job.status, job.counts.completed], ['completed', 3_000]);
});

test('serve runs the service and ends on a signal; a port in use ends it with 1', async (t) => {
  const command = [process.execPath, 'cli/main.ts', 'serve', '--port', '0'] as const;
  const served = await startSwitchyard({ command: [...command] });
  t.after(() => served.dispose());
  const { port } = new URL(served.url);

  const other = await temporaryFolder(t);
  const refused = await runCommand(t, ['serve', '--port', port, '--data', other]);

  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, /in use[\s\S]*--port/);
  await served.stop();
});

test('a data folder has one server; one that was killed leaves it free', async (t) => {
  const command = [process.execPath, 'cli/main.ts', 'serve', '--port', '0'] as const;
  const first = await startSwitchyard({ command: [...command] });
  t.after(() => first.dispose());
  const { dataFolder } = first;

  const refused = await runCommand(t, ['serve', '--port', '0', '--data', dataFolder]);
  await first.killServer();
  const second = await startSwitchyard({ command: [...command], dataFolder });
  t.after(() => second.dispose());

  assert.equal(refused.exitCode, 1);
  assert.match(refused.stderr, new RegExp(`process ${first.pid}\\) has the data folder`));
  await second.stop();
});
