import { createHash } from 'node:crypto';
import { MAX_LOST_SUBMISSIONS } from '#core/jobs/job-end.ts';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import { MAX_WORKER_ATTEMPTS } from '#core/ports/job-queue.ts';
import { type MadeInput, overwrittenInput } from './make-workload.ts';
import { errorsProblem, expectedResults } from './reference-output.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import type { SeenJob } from './wanted-job.ts';
import type { World } from './world.ts';

/** Checks a job after everything has come to rest: its end, its output, what it left behind. */
export function checkEnd(world: World, queue: SimulatedQueue, seen: SeenJob): void {
  const { wanted, id, end } = seen;
  const violate = (what: string) => world.violate(`${wanted.name} ${id}: ${what}`);
  if (id === undefined || end === undefined) {
    if (seen.refusedWith === undefined) violate('never ended');
    return;
  }
  const marks = world.bucket.keys('work/active/').filter((key) => key.includes(id));
  if (marks.length > 0) violate(`is still on the active list: ${marks}`);
  const open = queue.openSubmissions().filter((name) => name.startsWith(id));
  if (open.length > 0) violate(`ended, and the queue still has ${open.join(', ')}`);
  const problem = wasKilledTooOften(world, id, end) ? undefined : outcomeProblem(seen, end);
  if (problem !== undefined) violate(problem);
  const files = outputsOf(world, id);
  if (end.status === 'completed') checkOutput(seen, files, violate);
  else if (files.has(outputFiles.success)) violate(`is ${end.status} and has _SUCCESS`);
}

/** Submission after submission, ten attempts each, all struck before a cell: the job may give up. */
function wasKilledTooOften(world: World, id: string, end: NonNullable<SeenJob['end']>): boolean {
  const lastAttempts = [...world.workers].filter(
    ([name, jobId]) => jobId === id && name.endsWith(`/${MAX_WORKER_ATTEMPTS}`),
  );
  return end.error?.code === 'worker_failed' && lastAttempts.length >= MAX_LOST_SUBMISSIONS;
}

/** What is wrong with the way in which a job ended. */
function outcomeProblem(seen: SeenJob, end: NonNullable<SeenJob['end']>): string | undefined {
  const { wanted, isCancelled, overwrittenAtMillis } = seen;
  if (wanted.failsWith !== undefined) {
    const code = end.error?.code;
    return code === wanted.failsWith
      ? undefined
      : `ended ${end.status} with ${code} instead of ${wanted.failsWith}`;
  }
  if (end.status === 'cancelled')
    return isCancelled ? undefined : 'is cancelled, and nobody did it';
  if (end.status === 'completed') return undefined;
  if (end.error?.code === 'object_changed' && overwrittenAtMillis !== undefined) return undefined;
  return `failed: ${end.error?.code} ${end.error?.detail}`;
}

function outputsOf(world: World, jobId: string): Map<string, Buffer> {
  const record = world.bucket.peek(jobKeys.record(jobId))?.bytes ?? Buffer.from('{}');
  const prefix: string = JSON.parse(Buffer.from(record).toString()).output?.prefix ?? '?';
  const keys = world.bucket.keys(prefix);
  return new Map(
    keys.map((key) => [key.slice(prefix.length), Buffer.from(world.bucket.peek(key)?.bytes ?? [])]),
  );
}

function checkOutput(
  seen: SeenJob,
  files: ReadonlyMap<string, Buffer>,
  violate: (what: string) => void,
): void {
  const results = files.get(outputFiles.results)?.toString() ?? 'absent';
  const input = inputOf(seen, results);
  const errors = files.get(outputFiles.errors)?.toString() ?? 'absent';
  const expected = expectedResults(input);
  if (results !== expected) violate(`results.jsonl differs: ${firstDifference(results, expected)}`);
  const problem = errorsProblem(input, errors);
  if (problem !== undefined) violate(problem);
  if (!files.has(outputFiles.success)) violate('is completed and has no _SUCCESS');
  const manifest = JSON.parse(files.get(outputFiles.manifest)?.toString() ?? '{}');
  if (manifest.results?.sha256 !== createHash('sha256').update(results).digest('hex')) {
    violate('the manifest has another SHA-256 of the results');
  }
  const counts = countsOf(input);
  for (const stated of [manifest.counts, seen.end?.counts]) {
    const { total, completed, failed } = stated ?? {};
    const text = JSON.stringify({ total, completed, failed });
    if (text !== counts) violate(`the counts are ${text} instead of ${counts}`);
  }
}

/** The file that counts: the first, or the one over it where that was there before the request. */
function inputOf(seen: SeenJob, results: string): MadeInput {
  const { input } = seen.wanted;
  if (!seen.mayHaveReadTheOther || results === expectedResults(input)) return input;
  return overwrittenInput(input);
}

function countsOf({ rows }: MadeInput): string {
  const failed = rows.filter(({ outcome }) => 'code' in outcome).length;
  return JSON.stringify({ total: rows.length, completed: rows.length - failed, failed });
}

function firstDifference(actual: string, expected: string): string {
  const lines = expected.split('\n');
  const at = actual.split('\n').findIndex((line, ordinal) => line !== lines[ordinal]);
  return `line ${at + 1}: ${actual.split('\n')[at]} instead of ${lines[at]}`;
}
