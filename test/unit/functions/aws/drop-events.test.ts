import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { jobRecordSchema } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { openJobService } from '#work/open-job-service.ts';
import {
  createDropEventAnswerer,
  type DropEventDependencies,
} from '../../../../functions/aws/answer-drop-events.ts';
import { startMemoryDeployment } from '../../../fixtures/life/memory-deployment.ts';
import { keysBelow } from '../../../fixtures/life/settle.ts';
import { createMemoryObjectStore } from '../../../fixtures/memory-object-store.ts';

function openDrops(options: Partial<DropEventDependencies> = {}) {
  const read: string[] = [];
  const store = createMemoryObjectStore();
  const objectStore: ObjectStore = {
    ...store,
    read: (key, how) => {
      read.push(key);
      return store.read(key, how);
    },
  };
  const deployment = startMemoryDeployment({ workers: 1, objectStore });
  const answer = createDropEventAnswerer({
    ports: deployment.ports,
    log: () => undefined,
    versionOf: async ({ key }) => (await objectStore.head(`bucket/${key}`))?.etag,
    optionsOf: async () => undefined,
    ...options,
  });
  const records = async () => {
    const keys = await keysBelow(deployment, 'work/jobs/');
    const jobs = keys.filter((key) => key.endsWith('/job.json'));
    const bodies = await Promise.all(jobs.map((key) => objectStore.read(key)));
    return bodies.map((bytes) =>
      jobRecordSchema.parse(JSON.parse(String(Buffer.from(bytes ?? [])))),
    );
  };
  const put = (key: string, text: string) => objectStore.put(`bucket/${key}`, Buffer.from(text));
  return { ...deployment, answer, records, put, read };
}

function messages(...bodies: readonly string[]): SQSEvent {
  const record = (body: string, at: number) => ({ messageId: `m${at}`, body }) as SQSRecord;
  return { Records: bodies.map(record) };
}

const created = (key: string, bucket = 'local') =>
  JSON.stringify({
    'detail-type': 'Object Created',
    detail: { bucket: { name: bucket }, object: { key, etag: 'e' } },
  });

test('a file told of three times, in one batch and in two, is one job with workers', async () => {
  const { answer, records, put, queue } = openDrops();
  await put('inbox/sst2-minilm/a b.jsonl', '{"text":"one"}\n');
  const event = created('inbox/sst2-minilm/a b.jsonl');

  const first = await answer(messages(event, event));
  const second = await answer(messages(event));

  assert.deepEqual([first, second], [{ batchItemFailures: [] }, { batchItemFailures: [] }]);
  const [job, ...others] = await records();
  assert.deepEqual(others, []);
  assert.equal(job?.output.prefix, 'bucket/outbox/sst2-minilm/a b.jsonl/');
  await queue.idle();
  assert.deepEqual(queue.accepted, [`${job?.id}-1`]);
});

test('a file in a tenant’s own zone is its job alone, with its own folder of results', async () => {
  const { answer, records, put, ports } = openDrops();
  for (const zone of ['inboxes/acme', 'inboxes/other', 'inbox']) {
    await put(`${zone}/sst2-minilm/a.jsonl`, '{"text":"one"}\n');
    await answer(messages(created(`${zone}/sst2-minilm/a.jsonl`)));
  }

  const jobs = await records();
  assert.deepEqual(Object.fromEntries(jobs.map(({ tenant, output }) => [tenant, output.prefix])), {
    acme: 'bucket/outboxes/acme/sst2-minilm/a.jsonl/',
    other: 'bucket/outboxes/other/sst2-minilm/a.jsonl/',
    local: 'bucket/outbox/sst2-minilm/a.jsonl/',
  });
  const service = openJobService(ports, () => undefined);
  for (const { id, tenant } of jobs) {
    assert.equal((await service.describe({ tenant, jobId: id })).id, id);
    const { jobs: listed } = await service.list({ tenant, limit: 10 });
    assert.deepEqual(
      listed.map((job) => job.id),
      [id],
    );
    for (const stranger of ['acme', 'other', 'local'].filter((name) => name !== tenant)) {
      await assert.rejects(service.describe({ tenant: stranger, jobId: id }), {
        code: 'job_not_found',
      });
    }
  }
});

test('only messages that failed come again, and they keep no other from being taken', async () => {
  const { answer, records, put } = openDrops();
  await put('inbox/sst2-minilm/good.jsonl', '{"text":"one"}\n');
  const good = created('inbox/sst2-minilm/good.jsonl');
  const foreign = created('inbox/sst2-minilm/good.jsonl', 'elsewhere');

  const { batchItemFailures } = await answer(messages('not JSON', good, '{}', foreign));

  assert.deepEqual(
    batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
    ['m0', 'm2', 'm3'],
  );
  assert.equal((await records()).length, 1);
});

test('a store that fails for a while makes the message come again', async () => {
  const trouble = new SwitchyardError('overloaded', 'for the test');
  const { answer } = openDrops({ versionOf: () => Promise.reject(trouble) });

  const { batchItemFailures } = await answer(messages(created('inbox/sst2-minilm/a.jsonl')));

  assert.deepEqual(batchItemFailures, [{ itemIdentifier: 'm0' }]);
});

test('what is no input, or gone by now, is nothing to do', async () => {
  const { answer, records, put } = openDrops();
  const ignored = [
    'outbox/sst2-minilm/a.jsonl/results.jsonl',
    'inbox/sst2-minilm/_options.json',
    'inbox/sst2-minilm/a.jsonl.options.json',
    'inbox/sst2-minilm/.hidden',
    'inbox/sst2-minilm/a.jsonl.partial',
    'inbox/sst2-minilm/folder/',
    'inbox/lonely.jsonl',
  ];
  for (const key of ignored.filter((each) => !each.endsWith('/'))) await put(key, '{"text":"x"}\n');
  const gone = 'inbox/sst2-minilm/gone.jsonl';

  const { batchItemFailures } = await answer(
    messages(...[...ignored, gone].map((key) => created(key))),
  );

  assert.deepEqual(batchItemFailures, []);
  assert.deepEqual(await records(), []);
});

test('options too large to be some end the job, and are never read', async () => {
  const { ports, records, put, answer, read } = openDrops();
  await put('inboxes/acme/sst2-minilm/_options.json', ' '.repeat(131_073));
  await put('inboxes/acme/sst2-minilm/a.jsonl', '{"text":"one"}\n');
  const event = messages(created('inboxes/acme/sst2-minilm/a.jsonl'));

  assert.deepEqual(await answer(event), { batchItemFailures: [] });
  assert.deepEqual(await answer(event), { batchItemFailures: [] });

  assert.deepEqual(
    read.filter((key) => key.endsWith('_options.json')),
    [],
  );
  const [job, ...others] = await records();
  assert.deepEqual(others, []);
  const place = { tenant: 'acme', jobId: job?.id ?? '' };
  const { status, error } = await openJobService(ports, () => undefined).describe(place);
  assert.equal(status, 'failed');
  assert.match(error?.detail ?? '', /_options\.json .*131072 bytes/);
});

test('options come from a file of their own, else with the object, else from the folder', async () => {
  const json = (topK: number) => JSON.stringify({ topK });
  const { answer, records, put } = openDrops({
    optionsOf: async ({ key }) => (key.includes('plain') ? undefined : Buffer.from(json(2))),
  });
  await put('inbox/sst2-minilm/_options.json', json(3));
  await put('inbox/sst2-minilm/own.jsonl.options.json', json(1));
  for (const name of ['own', 'carried', 'plain']) {
    await put(`inbox/sst2-minilm/${name}.jsonl`, '{"text":"one"}\n');
    await answer(messages(created(`inbox/sst2-minilm/${name}.jsonl`)));
  }

  const topK = Object.fromEntries(
    (await records()).map(({ input, topK }) => [input.files[0]?.name, topK]),
  );
  assert.deepEqual(topK, { 'own.jsonl': 1, 'carried.jsonl': 2, 'plain.jsonl': 3 });
});
