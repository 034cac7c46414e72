import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { createDeployedStacks } from '#adapters/aws/account/deployed-stacks.ts';
import { stackNamesOf } from '#core/deployment/stack-outputs.ts';
import { endDeployment } from '#work/deployment/end-deployment.ts';
import { openS3Client, s3Endpoint } from '../fixtures/aws/open-buckets.ts';

// Stacks as small as they can be, but with the buckets and outputs of a deployment.

const region = 'us-east-1';
process.env['AWS_ENDPOINT_URL'] = s3Endpoint();
const stacks = createDeployedStacks({ region, endpoint: s3Endpoint() });

test('without purge the users bucket stays, with what is in it; jobs and stacks are gone', async () => {
  const { name, buckets } = await createStacks();

  const ended = await endDeployment(stacks, { name, purge: false });

  assert.deepEqual(ended.keptBuckets, [buckets.data, buckets.logs]);
  assert.equal(ended.removedObjects, 1);
  assert.deepEqual(await existing(buckets), ['data', 'logs']);
  for (const stack of Object.values(stackNamesOf(name))) {
    assert.equal(await stacks.outputs(stack), undefined, stack);
  }
});

test('with purge every version of every object is gone, and the buckets', async () => {
  const { name, buckets } = await createStacks();

  const ended = await endDeployment(stacks, { name, purge: true });

  // Two versions of one object of the users, one log, one object of a job.
  assert.equal(ended.removedObjects, 4);
  assert.deepEqual(ended.keptBuckets, []);
  assert.deepEqual(await existing(buckets), []);
});

test('a deployment that is not there is said to be missing', async () => {
  await assert.rejects(endDeployment(stacks, { name: 'nowhere', purge: false }), {
    code: 'object_not_found',
  });
});

type Buckets = Readonly<Record<'data' | 'work' | 'logs', string>>;

async function createStacks(): Promise<{ readonly name: string; readonly buckets: Buckets }> {
  const id = randomUUID().slice(0, 8);
  const name = `end-${id}`;
  const buckets = { data: `data-${id}`, work: `work-${id}`, logs: `logs-${id}` };
  const topic = { Resources: { Topic: { Type: 'AWS::SNS::Topic' } } };
  const names = stackNamesOf(name);
  await Promise.all([
    createStack(names.bulk, bulkTemplate(buckets)),
    createStack(names.serving, topic),
    createStack(names.operations, topic),
  ]);
  const client = openS3Client();
  for (const Bucket of [buckets.data, buckets.data, buckets.work, buckets.logs]) {
    await client.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: 'x' }));
  }
  client.destroy();
  return { name, buckets };
}

function bulkTemplate({ data, work, logs }: Buckets): unknown {
  const bucket = (BucketName: string, DeletionPolicy: 'Retain' | 'Delete', more = {}) => ({
    Type: 'AWS::S3::Bucket',
    DeletionPolicy,
    Properties: { BucketName, ...more },
  });
  return {
    Resources: {
      Data: bucket(data, 'Retain', { VersioningConfiguration: { Status: 'Enabled' } }),
      Work: bucket(work, 'Delete'),
      Logs: bucket(logs, 'Retain'),
    },
    Outputs: {
      DataBucketName: { Value: data },
      WorkBucketName: { Value: work },
      LogBucketName: { Value: logs },
    },
  };
}

async function createStack(StackName: string, template: unknown): Promise<void> {
  const client = new CloudFormationClient({ region });
  await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
  await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 1 }, { StackName });
  client.destroy();
}

async function existing(buckets: Buckets): Promise<readonly string[]> {
  const client = openS3Client();
  const found = await Promise.all(
    Object.entries(buckets).map(async ([name, Bucket]) => {
      const isThere = await client.send(new HeadBucketCommand({ Bucket })).then(
        () => true,
        () => false,
      );
      return isThere ? [name] : [];
    }),
  );
  client.destroy();
  return found.flat();
}
