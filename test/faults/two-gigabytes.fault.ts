import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { isTerminal } from '#core/contract/job-view.ts';
import { generatedReviews } from '../fixtures/harness/corpus.ts';
import { completeJob, createJob, getJob } from '../fixtures/harness/jobs.ts';
import { peakMemoryKib } from '../fixtures/harness/processes.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

const FILE_BYTES = 2_000_000_000;
const LIMIT_KIB = 300 * 1_024;
const JOB_MILLIS = 1_800_000;

/** Rows of about 1 KB, as exports have them: a text beside other columns, which are not read. */
async function writeRows(file: string): Promise<number> {
  await mkdir(dirname(file), { recursive: true });
  const rows = generatedReviews(8_000, 61);
  const line = (at: number) =>
    `${JSON.stringify({ id: `r${at}`, text: rows[at]?.text, notes: 'n'.repeat(900) })}\n`;
  const block = Buffer.from(rows.map((_, at) => line(at)).join(''));
  const output = createWriteStream(file);
  const blocks = Math.ceil(FILE_BYTES / block.length);
  for (let written = 0; written < blocks; written += 1) {
    await new Promise<void>((resolve, reject) => {
      output.write(block, (error) => (error == null ? resolve() : reject(error)));
    });
  }
  await new Promise<void>((resolve) => output.end(resolve));
  return blocks * rows.length;
}

const roles = ['functions/local/main.ts', 'gpu-batch/main.ts', 'gpu-batch/session-child.ts'];

function watchPeaks(server: Switchyard): Map<string, number> {
  const peaks = new Map<string, number>();
  const look = () => {
    for (const { pid, command } of server.processes()) {
      const name = roles.find((role) => command.includes(role)) ?? command;
      peaks.set(name, Math.max(peaks.get(name) ?? 0, peakMemoryKib(pid) ?? 0));
    }
  };
  const timer = setInterval(look, 500);
  timer.unref();
  return peaks;
}

test('a file of 2 GB keeps every process below 300 MB, models included', async (t) => {
  // Two threads for requests, as a machine of two cores has them, and two workers.
  const env = { SWITCHYARD_SESSION_WORKERS: '2' };
  const server = await startSwitchyard({ workers: 2, cellBytes: 262_144, env });
  t.after(() => server.dispose());
  const rowCount = await writeRows(join(server.dataFolder, 'bucket/uploads/two-gigabytes.jsonl'));
  const peaks = watchPeaks(server);
  const start = performance.now();

  const input = 's3://local/uploads/two-gigabytes.jsonl';
  const { id } = await createJob(server, { model: 'tiny-text', input });
  const hasEnded = async () => isTerminal((await getJob(server, id)).status);
  await waitUntil('the job ends', hasEnded, { deadlineMillis: JOB_MILLIS, pollMillis: 2_000 });
  const job = await completeJob(server, id);

  const told = [...peaks].map(([name, kib]) => `${name} ${(kib / 1_024).toFixed(0)} MiB`);
  const seconds = (performance.now() - start) / 1_000;
  console.log(`${rowCount} rows of 2 GB in ${seconds.toFixed(0)} s; peaks: ${told.join(', ')}`);
  assert.deepEqual(job.counts, { total: rowCount, completed: rowCount, failed: 0 });
  assert.deepEqual([...peaks.keys()].sort(), roles.toSorted());
  for (const [name, kib] of peaks) assert.ok(kib < LIMIT_KIB, `${name}: ${kib} KiB`);
});
