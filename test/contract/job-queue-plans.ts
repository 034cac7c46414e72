import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { JobQueue, SubmissionState, WorkerSubmission } from '#core/ports/job-queue.ts';
import { waitUntil } from './wait-until.ts';

/** A queue whose workers are test/fixtures/queue/worker.ts, of which at most two run at once. */
export interface JobQueueUnderTest {
  readonly queue: JobQueue;
  /** Empty; workers get it as FIXTURE_FOLDER. */
  readonly folder: string;
}

type Plan = Readonly<Record<string, readonly string[]>>;

/** Submits workers that follow `plan`: actions per array index (or `any`), one for each attempt. */
export function submitPlan(
  { queue, folder }: JobQueueUnderTest,
  submission: Omit<WorkerSubmission, 'environment'> & { readonly plan: Plan },
): Promise<void> {
  const { plan, ...rest } = submission;
  const { name } = rest;
  const environment = {
    FIXTURE_FOLDER: folder,
    FIXTURE_LABEL: name,
    FIXTURE_PLAN: JSON.stringify(plan),
  };
  return queue.submit({ ...rest, environment });
}

/** What became of a submission, without its single workers. */
export function briefly(state: SubmissionState | undefined): unknown {
  const { workers: _, ...brief } = state ?? { status: undefined };
  return brief;
}

export async function endedState(queue: JobQueue, name: string): Promise<SubmissionState> {
  let state: SubmissionState | undefined;
  await waitUntil(`the end of ${name}`, async () => {
    state = await queue.describe(name);
    return state?.status === 'succeeded' || state?.status === 'failed';
  });
  assert.ok(state);
  return state;
}

/** Ids of the workers that left a file of this kind. */
export function filesOf(folder: string, kind: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${kind}-`))
    .map((name) => name.slice(kind.length + 1))
    .sort();
}

export async function waitForFile(folder: string, name: string): Promise<void> {
  await waitUntil(name, () => existsSync(path.join(folder, name)));
}

/** One entry per start of a worker, in the order of the starts. */
export function logOf(folder: string): { id: string; live: number; pid: number }[] {
  const lines = readFileSync(path.join(folder, 'log'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}
