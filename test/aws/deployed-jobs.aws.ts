import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { isTerminal, type JobList, type JobView } from '#core/contract/job-view.ts';
import type { UploadView } from '#core/contract/upload.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createRemoteJobStarter } from '#work/accept/remote-job-starter.ts';
import { describeJobStarter } from '../contract/job-starter.contract.ts';
import { createKey, type DeployedApi, openApi } from '../fixtures/aws/deployed-api.ts';
import { type Deployment, sharedDeployment } from '../fixtures/aws/deployment.ts';
import { openS3Client } from '../fixtures/aws/open-buckets.ts';
import { send } from '../fixtures/harness/http.ts';
import { completeJob } from '../fixtures/harness/jobs.ts';
import { startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitFor } from '../fixtures/harness/wait-for.ts';

// The routes of jobs as `cdk deploy` made them, and the call by which a prediction becomes a job.

let deployment: Deployment;
let api: DeployedApi;
let others: DeployedApi;

before(async () => {
  deployment = await sharedDeployment();
  const [key, other] = await Promise.all([
    createKey(deployment),
    createKey(deployment, ['--tenant', 'other']),
  ]);
  api = openApi(deployment, key.key);
  others = openApi(deployment, other.key);
});

describeJobStarter({
  name: 'the deployed function that keeps jobs',
  open: async (context) => {
    const { endpoint, outputs } = deployment;
    const invoker = createLambdaFunctionInvoker({ endpoint });
    context.after(() => invoker.close());
    return {
      starter: createRemoteJobStarter({ invoker, functionName: outputs['JobsFunction'] ?? '' }),
      find: async (tenant, jobId) => {
        const answer = await (tenant === 'acme' ? api : others).call(`/jobs/${jobId}`);
        if (answer.status === 200) return answer.json<JobView>();
        throw new SwitchyardError('job_not_found', answer.text);
      },
    };
  },
});

const items = [{ text: 'a gripping film', id: 'a' }, { text: '' }, { text: 'dull' }];

test('an accepted job has an address with the stage, and whoever asks there sees it', async () => {
  const accepted = await api.post('/jobs', { items });

  assert.equal(accepted.status, 202, accepted.text);
  const job = accepted.json<JobView>();
  assert.match(job.id, /^job_[0-9a-z]{26}$/);
  assert.equal(accepted.headers.location, `/prod/jobs/${job.id}`);
  assert.equal(accepted.headers['retry-after'], '1');
  const seen = await api.call(`/jobs/${job.id}`);
  assert.equal(seen.json<JobView>().id, job.id);
  const { jobs } = (await api.call('/jobs?limit=5')).json<JobList>();
  assert.ok(jobs.some(({ id }) => id === job.id));
});

test('a job of items is worked off by the fleet, with the bytes of one machine', async (t) => {
  const local = await startSwitchyard();
  t.after(() => local.dispose());
  const many = Array.from({ length: 60 }, (_, n) => ({ text: `film ${n} — dull or gripping?` }));
  const body = { items: [...items, ...many] };

  const accepted = await api.post('/jobs', body);
  const job = await untilEnded(accepted.json<JobView>().id);
  const here = await send(local.url, '/jobs', { body: JSON.stringify(body) });
  const expected = await completeJob(local, here.json<JobView>().id);

  assert.equal(job.status, 'completed', JSON.stringify(job.error));
  assert.deepEqual(job.counts, { total: 63, completed: 62, failed: 1 });
  assert.deepEqual(job.counts, expected.counts);
  for (const part of ['results', 'errors']) {
    const deployed = await api.call(`/jobs/${job.id}/${part}`);
    assert.equal(deployed.headers['x-switchyard-complete'], 'true');
    assert.equal(deployed.text, (await send(local.url, `/jobs/${expected.id}/${part}`)).text);
  }
});

test('20 MB of results are a link that needs no key and cannot be altered', async () => {
  const { DataBucketName: Bucket } = deployment.bulk;
  const client = openS3Client();
  const Key = `incoming/${randomUUID()}.jsonl`;
  const note = 'quoth "the raven" '.repeat(5_600);
  const rows = Array.from({ length: 200 }, (_, n) => JSON.stringify({ text: `film ${n}`, note }));
  await client.send(new PutObjectCommand({ Bucket, Key, Body: rows.join('\n') }));
  client.destroy();
  const options = { join: true, workers: 2 };
  const accepted = await api.post('/jobs', { input: `s3://${Bucket}/${Key}`, options });
  const job = await untilEnded(accepted.json<JobView>().id);
  assert.equal(job.status, 'completed', JSON.stringify(job.error));

  const answer = await api.call(`/jobs/${job.id}/results`);

  assert.equal(answer.status, 303, answer.text.slice(0, 300));
  const location = answer.headers.location ?? '';
  const results = await (await fetch(location)).text();
  assert.ok(results.length > 20_000_000, `${results.length} characters`);
  const lines = results
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ index }) => index),
    rows.map((_, index) => index),
  );
  assert.ok(lines.every(({ input }) => input.note === note));
  assert.equal((await fetch(location.replace(/(X-Amz-Signature=)../, '$1zz'))).status, 403);
});

test('a file is sent by a link of POST /uploads, and only the tenant’s own place is given', async () => {
  const file = items.map((item) => JSON.stringify(item)).join('\n');
  const bytes = Buffer.byteLength(file);
  const answer = await api.post('/uploads', { filename: 'reviews.jsonl', bytes });
  assert.equal(answer.status, 201, answer.text);
  const upload = answer.json<UploadView>();
  assert.match(upload.input, /^s3:\/\/[\w-]+\/uploads\/acme\/[0-9a-f]{16}\/reviews\.jsonl$/);

  const { 'content-length': _, ...headers } = upload.headers;
  const sent = await fetch(upload.url, { method: 'PUT', headers, body: file });
  assert.equal(sent.status, 200, await sent.text());
  const accepted = await api.post('/jobs', { input: upload.input });

  assert.equal(accepted.status, 202, accepted.text);
  assert.equal(accepted.json<JobView>().bytes.total, bytes);
  const huge = await api.post('/uploads', { filename: 'a.csv', bytes: 6 * 1_073_741_824 });
  assert.equal(huge.status, 400, huge.text);
});

test('a job that is cancelled ends so, and a resume completes it', async () => {
  const many = Array.from({ length: 400 }, (_, n) => ({ text: `film ${n}` }));
  const { id } = (await api.post('/jobs', { items: many })).json<JobView>();

  const cancelled = await api.call(`/jobs/${id}`, { method: 'DELETE' });
  assert.equal(cancelled.status, 200, cancelled.text);
  // No worker can have done it all: the first needs seconds to open the model.
  assert.equal((await untilEnded(id)).status, 'cancelled');
  assert.equal((await api.call(`/jobs/${id}/resume`, { method: 'POST' })).status, 202);
  const resumed = await untilEnded(id);
  assert.deepEqual([resumed.status, resumed.counts.completed], ['completed', 400]);
});

/** Nobody waits for a schedule here: what an event would do, the job's own function did or does. */
async function untilEnded(id: string): Promise<JobView> {
  let last: JobView | undefined;
  return await waitFor(
    `the end of ${id}`,
    async () => {
      last = (await api.call(`/jobs/${id}`)).json<JobView>();
      return isTerminal(last.status) ? last : undefined;
    },
    { deadlineMillis: 300_000, pollMillis: 500, explain: () => JSON.stringify(last) },
  );
}

test('a job is its tenant’s alone', async () => {
  const { id } = (await api.post('/jobs', { items })).json<JobView>();

  for (const [method, path] of [
    ['GET', `/jobs/${id}`],
    ['DELETE', `/jobs/${id}`],
    ['POST', `/jobs/${id}/resume`],
    ['GET', `/jobs/${id}/results`],
  ] as const) {
    const answer = await others.call(path, { method });
    assert.equal(answer.status, 404, `${method} ${path}: ${answer.text}`);
  }
  const { jobs } = (await others.call('/jobs?limit=100')).json<JobList>();
  assert.ok(!jobs.some((job) => job.id === id));
});

test('an Idempotency-Key makes one job, whatever the case of its header', async () => {
  const key = randomUUID();
  const first = await api.post('/jobs', { items }, { 'Idempotency-Key': key });
  const again = await api.post('/jobs', { items }, { 'IDEMPOTENCY-KEY': key });
  const other = await api.post('/jobs', { items: [{ text: 'b' }] }, { 'idempotency-key': key });

  assert.equal(again.json<JobView>().id, first.json<JobView>().id);
  assert.equal(again.headers['idempotency-replayed'], 'true');
  assert.equal(other.status, 422, other.text);
  assert.equal(other.json<{ code: string }>().code, 'idempotency_key_reused');
});

test('a prediction that is no matter of one answer becomes a job', async () => {
  const texts = Array.from({ length: 40 }, (_, n) => `film ${n}`);
  const preferring = { prefer: 'respond-async' };
  const accepted = [
    await api.post('/predict/batch', { texts }, preferring),
    await api.post('/predict', { text: 'a film', lane: 'cpu-fleet' }),
  ];

  for (const answer of accepted) {
    assert.equal(answer.status, 202, answer.text);
    const { id, route, quote } = answer.json<JobView>();
    assert.match(route?.stateId ?? '', /^rs-/);
    assert.ok((route?.workers ?? 0) >= 1 && (quote?.usd ?? 0) > 0, answer.text);
    assert.equal(answer.headers.location, `/prod/jobs/${id}`);
    assert.equal((await api.call(`/jobs/${id}`)).status, 200);
  }
});

test('a job of a file that its tenant was granted pins it; what is another’s or elsewhere is refused', async () => {
  const { DataBucketName: Bucket } = deployment.bulk;
  const client = openS3Client();
  const Key = `incoming/${randomUUID()}.jsonl`;
  const body = items.map((item) => JSON.stringify(item)).join('\n');
  await client.send(new PutObjectCommand({ Bucket, Key, Body: body }));
  client.destroy();

  const accepted = await api.post('/jobs', { input: `s3://${Bucket}/${Key}` });
  const missing = await api.post('/jobs', { input: `s3://${Bucket}/incoming/nothing.jsonl` });
  const elsewhere = await api.post('/jobs', { input: 's3://elsewhere/a.jsonl' });

  assert.equal(accepted.status, 202, accepted.text);
  assert.equal(accepted.json<JobView>().bytes.total, Buffer.byteLength(body));
  assert.equal(missing.status, 404, missing.text);
  assert.equal(elsewhere.status, 400, elsewhere.text);
  const theirs = [Key, 'incoming/nothing.jsonl', 'incoming/', 'uploads/acme/', 'outbox/', 'inbox/'];
  for (const name of theirs) {
    const refused = await others.post('/jobs', { input: `s3://${Bucket}/${name}` });
    assert.equal(refused.status, 403, `${name}: ${refused.text}`);
    assert.match(refused.json<{ detail: string }>().detail, /uploads\/other\//);
  }
});
