import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createDropJob } from '#work/accept/create-drop-job.ts';
import { listActiveJobs } from '#work/reconcile/reconcile-job.ts';
import { createReconcileJobsHandler } from '../../../functions/jobs/reconcile-jobs.ts';
import { runSeed, seededRandom, shuffled } from '../../fixtures/harness/random.ts';
import { loseSubmitAnswers } from '../../fixtures/life/lost-answers.ts';
import { loseQueueEvents } from '../../fixtures/life/lost-events.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import {
  keysBelow,
  rowsOf,
  serviceOf,
  settle,
  submitRows,
  tenant,
} from '../../fixtures/life/settle.ts';

const seed = runSeed();

test('6.3 #6 a drop told 1 to 5 times, in any order, is one job', async (t) => {
  const random = seededRandom(seed);
  const deployment = startMemoryDeployment({ workers: 1 });
  const { ports } = deployment;
  const uploads = 100;
  const events: { key: string; version: string }[] = [];
  for (let at = 0; at < uploads; at += 1) {
    const key = `bucket/inbox/sst2-minilm/file-${at}.jsonl`;
    await ports.objectStore.put(key, Buffer.from(`{"text":"row ${at}"}\n`));
    const version = (await ports.objectStore.head(key))?.etag ?? '';
    events.push(...Array.from({ length: 1 + random.below(5) }, () => ({ key, version })));
  }

  const made = await Promise.all(
    shuffled(events, random).map((event) => createDropJob(ports, event)),
  );

  assert.equal(new Set(made.map(({ job }) => job.id)).size, uploads);
  assert.equal(made.filter(({ created }) => created).length, uploads);
  assert.equal((await listActiveJobs(ports)).length, uploads);
  const records = (await keysBelow(deployment, 'work/jobs/')).filter((key) =>
    key.endsWith('/job.json'),
  );
  assert.equal(records.length, uploads);
  t.diagnostic(`seed ${seed}: ${uploads} uploads, ${events.length} events, ${records.length} jobs`);
});

test('6.3 #7 jobs reach their right end although queue events are lost, doubled and shuffled', async (t) => {
  const report = await loseQueueEvents(50, seededRandom(seed));

  assert.ok(report.mostRounds <= 2, JSON.stringify(report));
  t.diagnostic(`seed ${seed}: ${JSON.stringify(report)} (full dose 500 jobs in test:faults)`);
});

test('6.3 #8 a lost answer of the queue starts no second work', async (t) => {
  const report = await loseSubmitAnswers(50, seededRandom(seed));

  t.diagnostic(`seed ${seed}: ${JSON.stringify(report)} (full dose 200 jobs in test:faults)`);
});

test('6.3 #23 one Idempotency-Key sent 50 times at once is one computation', async (t) => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const items = rowsOf(10);

  const jobs = await Promise.all(
    Array.from({ length: 50 }, () => submitRows(deployment, items, {}, 'one key')),
  );
  const others = await Promise.allSettled(
    Array.from({ length: 50 }, (_, at) =>
      submitRows(deployment, rowsOf(3, `${at}`), {}, 'one key'),
    ),
  );

  assert.equal(new Set(jobs.map(({ id }) => id)).size, 1);
  for (const other of others) {
    assert.equal(other.status, 'rejected');
    assert.ok(other.reason instanceof SwitchyardError);
    assert.equal(other.reason.code, 'idempotency_key_reused');
  }
  const view = await settle(deployment, jobs[0]?.id ?? '');
  assert.equal(view.status, 'completed');
  assert.equal(deployment.queue.accepted.length, 1);
  const { jobs: listed } = await serviceOf(deployment).list({ tenant, limit: 100 });
  assert.equal(listed.length, 1);
  t.diagnostic('50 equal requests: 1 job, 1 submission; 50 other bodies: 50 refusals');
});

test('the scheduled round brings every job on and says what it did, whatever one of them does', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const first = await submitRows(deployment, rowsOf(5));
  const broken = await submitRows(deployment, rowsOf(6));
  const { objectStore } = deployment.ports;
  await objectStore.put(jobKeys.record(broken.id), Buffer.from('{"not":"a record"}'));
  const logged: unknown[] = [];
  const handler = createReconcileJobsHandler({
    ports: deployment.ports,
    round: {
      notifier: { post: async () => ({ delivered: true }) },
      retentionMillis: 1_000,
    },
    log: (entry) => logged.push(entry['event']),
  });

  const submitting = await handler({});
  await deployment.queue.idle();
  const ending = await handler({});

  // The damaged one is ended, and then it is out of the way.
  assert.deepEqual([submitting.active, submitting.submitted, submitting.ended], [2, 1, 1]);
  assert.deepEqual([ending.active, ending.ended, ending.troubled], [1, 1, 0]);
  assert.deepEqual(logged, ['reconciled', 'reconciled']);
  const { status } = await serviceOf(deployment).describe({ tenant, jobId: first.id });
  assert.equal(status, 'completed');
});

test('a scheduled round that could not look at a job, or at the list of them, counts as failed', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  await submitRows(deployment, rowsOf(5));
  const good = await submitRows(deployment, rowsOf(6));
  const { jobQueue, objectStore } = deployment.ports;
  const logged: unknown[] = [];
  const handlerOf = (ports: Partial<typeof deployment.ports>) =>
    createReconcileJobsHandler({
      ports: { ...deployment.ports, ...ports },
      round: { notifier: { post: async () => ({ delivered: true }) }, retentionMillis: 1_000 },
      log: ({ event, detail }) => logged.push([event, detail].filter(Boolean).join(' ')),
    });
  const submit: typeof jobQueue.submit = async (submission) => {
    if (!submission.name.startsWith(good.id)) throw new Error('AccessDenied');
    await jobQueue.submit(submission);
  };
  const list: typeof objectStore.list = (prefix, options) => {
    if (prefix === jobKeys.actives) throw new Error('AccessDenied');
    return objectStore.list(prefix, options);
  };

  await assert.rejects(handlerOf({ jobQueue: { ...jobQueue, submit } })({}), /1 jobs could not/);
  assert.equal(deployment.queue.accepted.length, 1, 'the other one was brought on');
  await assert.rejects(handlerOf({ objectStore: { ...objectStore, list } })({}), /could not/);

  const denied = 'reconcile_failed Error: AccessDenied';
  assert.deepEqual(logged, [denied, 'reconciled', denied, 'reconciled']);
});
