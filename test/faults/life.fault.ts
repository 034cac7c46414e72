import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isTerminal, type JobView } from '#core/contract/job-view.ts';
import { assertWithin } from '../fixtures/harness/assert-within.ts';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { postJson, send } from '../fixtures/harness/http.ts';
import { completeJob, createJob, getJob, listJobs, outcomeOf } from '../fixtures/harness/jobs.ts';
import { assertEveryRowOnce, digests, putObject } from '../fixtures/harness/outbox.ts';
import { runSeed, seededRandom } from '../fixtures/harness/random.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitFor } from '../fixtures/harness/wait-for.ts';
import { loseSubmitAnswers } from '../fixtures/life/lost-answers.ts';
import { loseQueueEvents } from '../fixtures/life/lost-events.ts';
import { workersOfJob } from '../fixtures/life/workers-of-job.ts';

const model = 'tiny-text';
const seed = runSeed();
let server: Switchyard;

before(async () => {
  server = await startSwitchyard({ env: { SWITCHYARD_SLOW_MILLIS_PER_CELL: '40' } });
});

after(async () => {
  await server?.dispose();
});

test('6.3 #7 500 jobs reach their right end although queue events are lost, doubled, shuffled', async (t) => {
  const report = await loseQueueEvents(500, seededRandom(seed));

  assert.ok(report.mostRounds <= 2, JSON.stringify(report));
  t.diagnostic(`seed ${seed}: ${JSON.stringify(report)}`);
});

test('6.3 #8 200 jobs with 30 % of the answers to their submission lost start no second work', async (t) => {
  const report = await loseSubmitAnswers(200, seededRandom(seed));

  t.diagnostic(`seed ${seed}: ${JSON.stringify(report)}`);
});

async function endOf(id: string): Promise<JobView> {
  const read = async () => {
    const view = await getJob(server, id);
    return isTerminal(view.status) ? view : undefined;
  };
  return await waitFor(`job ${id} ends`, read, { deadlineMillis: 300_000 });
}

test('6.3 #21 real jobs are cancelled at random times and the same input is submitted again', async (t) => {
  const random = seededRandom(seed);
  const rowCount = 2_000;
  const input = await putObject(
    server,
    'faults/life.jsonl',
    toJsonl(generatedReviews(rowCount, 31)),
  );
  const calm = await completeJob(server, (await createJob(server, { model, input })).id);
  const expected = digests(await outcomeOf(server, calm));
  const dose = 14;
  let slowestMillis = 0;
  let withWork = 0;
  for (let at = 0; at < dose; at += 1) {
    const { id } = await createJob(server, { model, input });
    await new Promise((resolve) => setTimeout(resolve, random.below(3_000)));
    const start = performance.now();
    await send(server.url, `/jobs/${id}`, { method: 'DELETE' });
    const first = await endOf(id);
    slowestMillis = Math.max(slowestMillis, performance.now() - start);
    if (first.status === 'cancelled') {
      assert.deepEqual(workersOfJob(server, id), [], 'no orphan');
      if (first.counts.completed > 0) withWork += 1;
      // Every other time resumed, which reuses commits; else submitted anew, which starts clean.
      const next =
        at % 2 === 0
          ? (await postJson(server.url, `/jobs/${id}/resume`, {})).json<JobView>()
          : await createJob(server, { model, input });
      const outcome = await outcomeOf(server, await completeJob(server, next.id));
      assertEveryRowOnce(outcome, rowCount);
      assert.deepEqual(digests(outcome), expected);
    }
  }
  await assertWithin('a cancel', { tookMillis: slowestMillis, limitMillis: 60_000 });
  assert.ok(
    (await listJobs(server)).every(({ status }) => isTerminal(status)),
    'no orphan job',
  );
  t.diagnostic(
    `seed ${seed}: ${dose} cancels, ${withWork} with work done, slowest stop ${slowestMillis.toFixed(0)} ms`,
  );
});

test('6.3 #23 one Idempotency-Key sent 50 times at once to a server is one job', async (t) => {
  const items = generatedReviews(50, 41).map(({ text }) => ({ text }));
  const key = { 'idempotency-key': `life-${seed}` };

  const answers = await Promise.all(
    Array.from({ length: 50 }, () => postJson(server.url, '/jobs', { model, items }, key)),
  );

  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
  const ids = new Set(answers.map((answer) => answer.json<JobView>().id));
  assert.equal(ids.size, 1);
  await completeJob(server, [...ids][0] ?? '');
  const other = await postJson(server.url, '/jobs', { model, items: items.slice(1) }, key);
  assert.equal(other.status, 422);
  t.diagnostic('50 requests, 1 job, another body refused');
});
