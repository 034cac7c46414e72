import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { quoteErrors, runQuotedJobs } from '../fixtures/routing/quoted-jobs.ts';

const models = ['tiny-text', 'sst2-minilm'];

test('on 30 real jobs the charge is close to the quote', async (t) => {
  const server = await startSwitchyard({ workers: 1, cellBytes: 262_144 });
  try {
    // What a worker does around its model depends on the machine: some jobs teach it first.
    const teaching = await runQuotedJobs(server, { models, jobs: 12, mostItems: 2_000 });
    const jobs = await runQuotedJobs(server, { models, jobs: 30, mostItems: 4_000 });

    const { median, p90 } = quoteErrors(jobs);
    const before = quoteErrors(teaching);
    t.diagnostic(`first 12: median ${before.median.toFixed(3)}, p90 ${before.p90.toFixed(3)}`);
    t.diagnostic(`next 30: median ${median.toFixed(3)}, p90 ${p90.toFixed(3)}`);
    assert.ok(median <= 0.1, `median ${median}`);
    assert.ok(p90 <= 0.3, `p90 ${p90}`);
  } finally {
    await server.dispose();
  }
});
