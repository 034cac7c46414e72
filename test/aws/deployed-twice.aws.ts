import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { readStackOutputs } from '#adapters/aws/account/read-stack-outputs.ts';
import { stackNamesOf } from '#core/deployment/stack-outputs.ts';
import { createKey, openApi, runKeys, runSwitchyard } from '../fixtures/aws/deployed-api.ts';
import { type Deployment, deploy, sharedDeployment } from '../fixtures/aws/deployment.ts';
import { openS3Client } from '../fixtures/aws/open-buckets.ts';

// A second deployment beside the first one in the same account and region, and its end.

const config = { name: 'second', warming: { environments: 0 } };

test('a second deployment lives beside the first, apart from it, until it is destroyed and purged', async (t) => {
  const first = await sharedDeployment();
  const { endpoint } = first;
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-second-'));
  t.after(() => rm(folder, { recursive: true, force: true }));

  const second = await deploy(endpoint, { folder, config });

  const [mine, theirs] = await Promise.all([createKey(first), createKey(second)]);
  assert.deepEqual(await statuses(first, mine.key), [200, 200]);
  assert.deepEqual(await statuses(second, theirs.key), [200, 200]);
  // Neither knows the other's keys nor the other's jobs.
  assert.equal((await openApi(second, mine.key).call('/models')).status, 401);
  assert.equal((await openApi(first, theirs.key).call('/models')).status, 401);
  const made = await openApi(first, mine.key).post('/jobs', { items: [{ text: 'a film' }] });
  const { id } = made.json<{ id: string }>();
  assert.equal((await openApi(second, theirs.key).call(`/jobs/${id}`)).status, 404);

  const unsure = await runSwitchyard(second, ['destroy']);
  assert.equal(unsure.exitCode, 2);
  assert.match(unsure.stderr, /--yes/);
  const { DataBucketName: data, WorkBucketName: work } = second.bulk;
  const ended = await runSwitchyard(second, ['destroy', '--yes']);

  assert.equal(ended.exitCode, 0, ended.stderr);
  assert.match(ended.stdout, new RegExp(`kept: s3://${data}`));
  await assertGone(second);
  assert.deepEqual(await statuses(first, mine.key), [200, 200]);
  // What users put in is theirs: it outlives the stacks.
  assert.deepEqual([await bucketExists(data), await bucketExists(work)], [true, false]);

  // The same name again, and this time nothing is kept.
  const third = await deploy(endpoint, { folder, config, isSynthesized: true });
  const purged = await runSwitchyard(third, ['destroy', '--yes', '--purge']);
  assert.equal(purged.exitCode, 0, purged.stderr);
  assert.equal(await bucketExists(third.bulk.DataBucketName), false);
  assert.deepEqual([await bucketExists(data), await statuses(first, mine.key)], [true, [200, 200]]);
});

async function bucketExists(bucket: string): Promise<boolean> {
  const client = openS3Client();
  const answer = await client
    .send(new HeadBucketCommand({ Bucket: bucket }))
    .catch(() => undefined);
  client.destroy();
  return answer !== undefined;
}

async function statuses(deployment: Deployment, key: string): Promise<number[]> {
  const api = openApi(deployment, key);
  const predicted = await api.post('/predict', { text: 'a gripping film' });
  return [predicted.status, (await api.call('/jobs')).status];
}

async function assertGone({ name, endpoint }: Deployment): Promise<void> {
  const { exitCode, stderr } = await runKeys({ name, endpoint }, ['list']);
  assert.equal(exitCode, 2);
  assert.match(stderr, /there is no deployment "second"/);
  process.env['AWS_ENDPOINT_URL'] = endpoint;
  for (const stack of Object.values(stackNamesOf(name))) {
    assert.equal(await readStackOutputs(stack, { region: 'us-east-1' }), undefined, stack);
  }
}
