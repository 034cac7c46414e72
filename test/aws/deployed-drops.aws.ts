import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, type TestContext, test } from 'node:test';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { jobRecordSchema } from '#core/jobs/job-record.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { createKey, openApi } from '../fixtures/aws/deployed-api.ts';
import { openDeployedPorts } from '../fixtures/aws/deployed-ports.ts';
import { type Deployment, sharedDeployment } from '../fixtures/aws/deployment.ts';
import { localResults, rowsOfCells } from '../fixtures/aws/local-results.ts';
import { openS3Client } from '../fixtures/aws/open-buckets.ts';
import { waitFor, waitUntil } from '../fixtures/harness/wait-for.ts';

// Files put into the bucket of a deployment: S3 → EventBridge → SQS → Lambda → the fleet → the outbox.

const model = 'sst2-minilm';
const content = rowsOfCells(1, 8_192);
const patience = { deadlineMillis: 300_000 };

let deployment: Deployment;
let expected: Awaited<ReturnType<typeof localResults>>;
let s3: S3Client;
let sqs: SQSClient;

before(async () => {
  deployment = await sharedDeployment();
  s3 = openS3Client();
  sqs = new SQSClient({ endpoint: deployment.endpoint, region: 'us-east-1' });
  // As deployed: the unit of commit is 256 KiB.
  expected = await localResults(content, { model, cellBytes: 262_144 });
});

after(() => {
  s3.destroy();
  sqs.destroy();
});

async function put(key: string, body: string, metadata: Record<string, string> = {}) {
  const { VersionId } = await s3.send(
    new PutObjectCommand({
      Bucket: deployment.bulk.DataBucketName,
      Key: key,
      Body: body,
      Metadata: metadata,
    }),
  );
  return VersionId ?? '';
}

async function read(key: string): Promise<string | undefined> {
  const request = new GetObjectCommand({ Bucket: deployment.bulk.DataBucketName, Key: key });
  const answer = await s3.send(request).catch(() => undefined);
  return await answer?.Body?.transformToString();
}

/** The event as EventBridge puts it into the queue. */
function eventOf(key: string, versionId: string, etag: string): string {
  return JSON.stringify({
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    detail: {
      version: '0',
      bucket: { name: deployment.bulk.DataBucketName },
      object: { key, size: content.length, etag, 'version-id': versionId, sequencer: '00' },
      reason: 'PutObject',
    },
  });
}

async function send(body: string): Promise<void> {
  const QueueUrl = deployment.outputs['DropQueueUrl'];
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
}

/** Messages that the queue holds, those that are being worked on included. */
async function messagesLeft(): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: deployment.outputs['DropQueueUrl'],
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
}

async function jobsOf(ports: JobPorts, key: string) {
  const jobs = [];
  for await (const head of ports.objectStore.list('work/jobs/')) {
    if (!head.key.endsWith('/job.json')) continue;
    const bytes = await ports.objectStore.read(head.key);
    const job = jobRecordSchema.parse(JSON.parse(Buffer.from(bytes ?? []).toString()));
    if (job.input.uri.endsWith(key)) jobs.push(job);
  }
  return jobs;
}

const openPorts = (context: TestContext) =>
  openDeployedPorts(context, deployment, { cellBytes: 262_144 });

test('a file in the bucket becomes one job, its event delivered three times: same bytes', async (t) => {
  const ports = await openPorts(t);
  // A name that two of the ways to decode a key would spoil.
  const name = `reviews + 100% ${randomUUID()}.jsonl`;
  const key = `inbox/${model}/${name}`;
  const versionId = await put(key, content);
  const { ETag = '' } = await s3.send(
    new GetObjectCommand({ Bucket: deployment.bulk.DataBucketName, Key: key }),
  );
  const event = eventOf(key, versionId, ETag.replaceAll('"', ''));
  await send(event);
  await send(event);

  const outbox = `outbox/${model}/${name}`;
  await waitUntil(
    'the results',
    async () => (await read(`${outbox}/_SUCCESS`)) !== undefined,
    patience,
  );
  await waitUntil('every message', async () => (await messagesLeft()) === 0, patience);

  assert.equal(await read(`${outbox}/results.jsonl`), expected.results);
  assert.equal(await read(`${outbox}/errors.jsonl`), expected.errors);
  assert.equal((await jobsOf(ports, name)).length, 1);
});

test('another version of a file is another job, with the options that the object carries', async (t) => {
  const ports = await openPorts(t);
  const name = `${randomUUID()}.jsonl`;
  const key = `inbox/${model}/${name}`;
  await put(key, '{"text":"a fine film"}\n');
  await waitUntil('the first job', async () => (await jobsOf(ports, name)).length === 1, patience);
  await put(key, '{"text":"a dull film"}\n', { 'switchyard-options': '{"topK":2}' });

  const second = await waitFor(
    'the second job',
    async () => (await jobsOf(ports, name)).find((job) => job.topK === 2),
    patience,
  );

  const folder = `outbox/${model}/${name}@${second.id}`;
  const results = await waitFor('its results', () => read(`${folder}/results.jsonl`), patience);
  assert.equal(JSON.parse(results).scores.length, 2);
});

test('a file in a tenant’s own zone is its job, which no other tenant sees', async (t) => {
  const ports = await openPorts(t);
  const [own, other] = await Promise.all(
    ['acme', 'other'].map(async (tenant) => {
      const { key } = await createKey(deployment, ['--tenant', tenant]);
      return openApi(deployment, key);
    }),
  );
  const name = `${randomUUID()}.jsonl`;
  await put(`inboxes/acme/${model}/${name}`, content);

  const outbox = `outboxes/acme/${model}/${name}`;
  const results = await waitFor('results', () => read(`${outbox}/results.jsonl`), patience);
  const [job] = await jobsOf(ports, name);

  assert.equal(results, expected.results);
  assert.equal((await own?.call(`/jobs/${job?.id}`))?.status, 200);
  for (const path of [`/jobs/${job?.id}`, `/jobs/${job?.id}/results`, `/jobs/${job?.id}/errors`]) {
    assert.equal((await other?.call(path))?.status, 404, path);
  }
  const input = `s3://${deployment.bulk.DataBucketName}/${outbox}/results.jsonl`;
  assert.equal((await other?.post('/jobs', { input }))?.status, 403);
});

test('a poison event ends among the dead letters, and a good one beside it is taken', async (t) => {
  const ports = await openPorts(t);
  const [QueueUrl, deadLetters] = [
    deployment.outputs['DropQueueUrl'],
    deployment.outputs['DropDeadLetterUrl'],
  ];
  // Six minutes between tries are for real; the number of tries stays as deployed.
  const Attributes = { VisibilityTimeout: '1' };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  const poison = `{"poison":"${randomUUID()}"}`;
  const name = `${randomUUID()}.jsonl`;

  await send(poison);
  await put(`inbox/${model}/${name}`, '{"text":"a fine film"}\n');

  await waitUntil('the good one', async () => (await jobsOf(ports, name)).length === 1, patience);
  const dead = await waitFor(
    'the dead letter',
    async () => {
      const request = { QueueUrl: deadLetters, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
      return Messages.find(({ Body }) => Body === poison);
    },
    patience,
  );
  assert.equal(dead.Body, poison);
});
