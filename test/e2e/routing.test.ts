import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JobView } from '#core/contract/job-view.ts';
import { machineSlowness } from '../fixtures/harness/assert-within.ts';
import { postJson, send } from '../fixtures/harness/http.ts';
import { completeJob } from '../fixtures/harness/jobs.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { quoteErrors, runQuotedJobs } from '../fixtures/routing/quoted-jobs.ts';

// The full doses are in test/faults: explain-restart.fault.ts and quotes.fault.ts.

let server: Switchyard;
before(async () => {
  server = await startSwitchyard({ env: { SWITCHYARD_GPU_PROVIDER: 'simulated' } });
});
after(() => server.dispose());

interface Routed {
  readonly route: { readonly lane: string; readonly stateId: string; readonly rehearsal?: string };
}

test('what cannot be answered in time is refused with offers, one of which is then taken', async () => {
  const texts = Array.from({ length: 32 }, () => 'a good film '.repeat(400));
  const refused = await postJson(server.url, '/predict/batch', { texts, deadlineMs: 5 });
  const { offers, stateId } = refused.json<{
    offers: { earliest: { finish_seconds: number } };
    stateId: string;
  }>();
  // A machine that is busy or slow may take many times what is predicted.
  const deadlineMs = Math.ceil(offers.earliest.finish_seconds * 200_000);

  const taken = await postJson(server.url, '/predict/batch', { texts, deadlineMs });

  assert.equal(refused.status, 409, refused.text);
  assert.match(stateId, /^rs-/);
  assert.equal(taken.status, 200, taken.text);
});

test('every answer of a machine that rehearses a GPU says so, and its job runs there', async () => {
  const answer = await postJson(server.url, '/predict', { text: 'fine' });
  const accepted = await postJson(server.url, '/predict', { text: 'fine', lane: 'gpu-spot' });
  const job = await completeJob(server, accepted.json<JobView>().id);

  assert.match(answer.json<Routed>().route.rehearsal ?? '', /rehearsed/);
  assert.equal(accepted.status, 202, accepted.text);
  assert.equal(job.lane, 'gpu-spot');
  assert.match(job.route?.rehearsal ?? '', /rehearsed/);
  assert.ok((job.quote?.usd ?? 0) > 0);
});

test('a real job is quoted before and charged after, of the same order', async () => {
  const jobs = await runQuotedJobs(server, { models: ['tiny-text'], jobs: 2, mostItems: 500 });

  for (const { job, chargedUsd } of jobs) {
    assert.equal(job.route?.lane, 'cpu-fleet');
    assert.ok(chargedUsd > 0);
  }
  // The quote knows the speed of an idle machine of today; test/faults/quotes.fault.ts holds it to that.
  const slowness = await machineSlowness();
  const errors = quoteErrors(jobs);
  assert.ok(errors.p90 < 10 * slowness, `${JSON.stringify(errors)}, ${slowness} times slower`);
});

test('an answer is explained by its state after a restart', async () => {
  const body = { text: 'a gripping film', deadlineMs: 30_000 };
  const { route } = (await postJson(server.url, '/predict', body)).json<Routed>();
  const { dataFolder } = server;
  await server.stop();
  server = await startSwitchyard({ dataFolder });

  const explained = await postJson(server.url, '/route:explain', {
    ...body,
    stateId: route.stateId,
  });

  assert.equal(explained.status, 200, explained.text);
  assert.equal(explained.json<Routed>().route.stateId, route.stateId);
  assert.equal(explained.json<Routed>().route.lane, 'cpu');
  assert.equal((await send(server.url, '/health')).status, 200);
});
