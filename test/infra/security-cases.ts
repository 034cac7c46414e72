import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { internalFolders } from '#core/jobs/input-rules.ts';
import { jobPrefixes } from '../../infra/constructs/bucket-statements.ts';
import { resourcesOf, type Synthesis } from './synthesize.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

export function securityCases({ all, bulk, missing }: Synthesis): void {
  test('nothing is looked up in an account', () => {
    assert.deepEqual(missing, []);
  });

  test('no resource has a name of its own, so two deployments fit into one account', () => {
    const names = ['BucketName', 'FunctionName', 'RoleName', 'QueueName', 'JobQueueName'];
    const named = all.flatMap(({ Resources }) =>
      Object.entries(Resources).filter(([, { Properties }]) =>
        names.some(
          (name) => Properties?.[name] !== undefined && typeof Properties[name] === 'string',
        ),
      ),
    );

    assert.deepEqual(named, []);
  });

  test('no stack holds on to an output of another one, so a setting may be changed at any time', () => {
    const texts = JSON.stringify(all);

    assert.doesNotMatch(texts, /Fn::ImportValue/);
    const outputs = all.flatMap(({ Outputs }) => Object.values(Outputs ?? {}));
    assert.deepEqual(
      outputs.filter((output) => 'Export' in output),
      [],
    );
    // What changes with every image is nowhere passed on: who read it would keep the old one.
    assert.doesNotMatch(texts, /OutputName":"[^"]*(Definition|Version)/);
  });

  test('every log group forgets', () => {
    for (const { Properties } of resourcesOf(all, 'AWS::Logs::LogGroup')) {
      assert.equal(Properties.RetentionInDays, 30);
    }
  });

  test('every bucket is encrypted, closed to the public and open to TLS only', () => {
    const policies = JSON.stringify(resourcesOf(all, 'AWS::S3::BucketPolicy'));
    for (const { Properties } of resourcesOf(all, 'AWS::S3::Bucket')) {
      const [rule] = Properties.BucketEncryption.ServerSideEncryptionConfiguration;
      assert.equal(rule.ServerSideEncryptionByDefault.SSEAlgorithm, 'AES256');
      assert.deepEqual(Object.values(Properties.PublicAccessBlockConfiguration), [
        true,
        true,
        true,
        true,
      ]);
    }
    const buckets = resourcesOf(all, 'AWS::S3::Bucket').length;
    assert.equal(policies.split('"aws:SecureTransport":"false"').length - 1, buckets);
  });

  test('queues are encrypted and open to TLS only', () => {
    const queues = resourcesOf(all, 'AWS::SQS::Queue');

    assert.ok(queues.every(({ Properties }) => Properties.SqsManagedSseEnabled === true));
    const policies = JSON.stringify(resourcesOf(all, 'AWS::SQS::QueuePolicy'));
    assert.equal(policies.split('"aws:SecureTransport":"false"').length - 1, queues.length);
  });

  test('instances take IMDSv2 only, from one hop further, on an encrypted disk', () => {
    const [template] = resourcesOf(bulk, 'AWS::EC2::LaunchTemplate');
    const { MetadataOptions, BlockDeviceMappings } = template?.Properties.LaunchTemplateData ?? {};

    assert.equal(MetadataOptions.HttpTokens, 'required');
    assert.equal(MetadataOptions.HttpPutResponseHopLimit, 2);
    assert.equal(BlockDeviceMappings[0].DeviceName, '/dev/xvda');
    assert.equal(BlockDeviceMappings[0].Ebs.Encrypted, true);
    assert.equal(BlockDeviceMappings[0].Ebs.VolumeType, 'gp3');
  });

  test('nothing can come into an instance, and only HTTPS goes out', () => {
    const groups = resourcesOf(bulk, 'AWS::EC2::SecurityGroup');

    for (const { Properties } of groups) {
      assert.equal(Properties.SecurityGroupIngress, undefined);
      assert.deepEqual(
        Properties.SecurityGroupEgress.map((rule: { FromPort: number }) => rule.FromPort),
        [443],
      );
    }
    assert.deepEqual(resourcesOf(bulk, 'AWS::EC2::SecurityGroupIngress'), []);
  });

  test('no right has a wildcard for its action', () => {
    const actions = statements(all).flatMap(({ Action }) => Action);

    assert.deepEqual(
      actions.filter((action) => action.includes('*')),
      [],
    );
  });

  test('only three rights, which know no resource, are for any resource', () => {
    const unbound = statements(all).filter(({ Resource }) => [Resource].flat().includes('*'));
    const known = [['batch:DescribeJobs', 'batch:ListJobs'], ['ecr:GetAuthorizationToken']];

    for (const { Action } of unbound) {
      assert.ok(
        known.some((actions) => actions.join() === [Action].flat().join()),
        `${Action}`,
      );
    }
  });

  test('of the data bucket nothing is read but inputs and results, and nothing is listed beside them', () => {
    const folders = ['inbox/*', 'inboxes/*', 'outbox/*', 'outboxes/*', 'uploads/*'];
    const texts = statements(all).filter((statement) =>
      JSON.stringify(statement).includes('BucketsData'),
    );
    const reading = texts.filter(({ Action }) => [Action].flat().includes('s3:GetObject'));
    const listing = texts.filter(({ Action }) => [Action].flat().includes('s3:ListBucket'));

    const read = reading.map(({ Resource }) =>
      [Resource]
        .flat()
        .map((resource) => /\/([^"]*)"\]\]\}$/.exec(JSON.stringify(resource))?.[1])
        .sort(),
    );
    const listed = listing.map(({ Condition = {} }) => {
      const { 's3:prefix': prefixes = [] } = Object(Condition['StringLikeIfExists']);
      return [...prefixes].sort();
    });
    const others = (each: typeof read) =>
      each.map((below) => below.join()).filter((below) => below !== folders.join());
    // The ledger, by the four functions around jobs (costs and budgets) and those who report.
    const four = Array(4).fill('ledger/*');
    const reports = ['ledger/*', 'reports/drift/*', 'ledger/*', 'reports/costs/*'];
    assert.deepEqual(others(read), [...four, ...reports]);
    const delivery = 'ledger-errors/*,ledger/*';
    assert.deepEqual(others(listed).sort(), [...four, ...reports, delivery].sort());
  });

  test('whatever else lies in the data bucket no job can name, whatever is granted', () => {
    const ofTenants = new Set(['inbox', 'inboxes', 'uploads', 'outbox', 'outboxes']);
    const named = statements(all)
      .map((statement) => JSON.stringify(statement))
      .filter((text) => text.includes('BucketsData'))
      .flatMap((text) => [...text.matchAll(/"\/?([\w-]+)\/\*?"/g)].map(([, name = '']) => name));
    const expiring = resourcesOf(bulk, 'AWS::S3::Bucket')
      .filter(({ Properties }) => Properties.VersioningConfiguration?.Status === 'Enabled')
      .flatMap(({ Properties }): { readonly Prefix?: string }[] => {
        return Properties.LifecycleConfiguration.Rules;
      })
      .flatMap(({ Prefix = '' }) => Prefix.split('/', 1).filter(Boolean));

    const others = new Set([...named, ...expiring].filter((name) => !ofTenants.has(name)));
    assert.ok(others.has('ledger') && others.has('predictions'));
    for (const name of others) assert.ok(internalFolders.has(name), name);
  });

  test('inputs are written by links of the function that signs them alone', () => {
    const writers = all.flatMap(({ Resources }) =>
      Object.entries(Resources)
        .filter(([, { Type }]) => Type === 'AWS::IAM::Policy')
        .flatMap(([id, { Properties }]) =>
          (Properties.PolicyDocument.Statement as Statement[])
            .filter(({ Action }) => [Action].flat().includes('s3:PutObject'))
            .map((statement) => ({ id, text: JSON.stringify(statement) })),
        )
        .filter(({ text }) => text.includes('BucketsData')),
    );
    const inputs = writers.filter(({ text }) => /\/(uploads|inbox|inboxes)\//.test(text));

    assert.deepEqual(
      inputs.map(({ id }) => id.replace(/Role.*/, '')),
      ['Jobs'],
    );
    assert.ok(writers.length >= 6);
  });

  test('the records of keys are read by the authorizer alone', () => {
    const readers = all.flatMap(({ Resources }) =>
      Object.entries(Resources)
        .filter(([, { Type }]) => Type === 'AWS::IAM::Policy')
        .filter(([, { Properties }]) => JSON.stringify(Properties).includes('/keys/*'))
        .map(([id]) => id.replace(/Role.*/, '')),
    );

    assert.deepEqual(readers, ['AccessAuthorizer']);
  });

  test('every prefix of the work bucket that the code names is one that somebody may use', () => {
    const allowed = new Set<string>([...jobPrefixes, 'keys/']);
    for (const prefix of allowed) assert.ok(internalFolders.has(prefix.slice(0, -1)), prefix);
    const named = sourceFiles('shared', 'functions', 'gpu-batch').flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/['"`]work\/([a-z]+\/)/g)].map(([, name]) => name),
    );

    // The local server's own, which is never in AWS.
    const missing = named.filter((name) => !allowed.has(name ?? ''));
    assert.deepEqual([...new Set(missing)], ['server/']);
  });

  test('a key that does not exist is answered as missing, not as forbidden', () => {
    const lists = statements(all).filter(({ Action }) => [Action].flat().includes('s3:ListBucket'));

    assert.ok(lists.length > 5);
    for (const { Condition } of lists) {
      assert.deepEqual(Object.keys(Condition ?? { StringLikeIfExists: {} }), [
        'StringLikeIfExists',
      ]);
    }
  });

  test('what GPU instances and every function cost can be told apart by tags', () => {
    const [environment] = resourcesOf(bulk, 'AWS::Batch::ComputeEnvironment');
    assert.equal(
      environment?.Properties.ComputeResources.Tags['switchyard:deployment'],
      'switchyard',
    );
    for (const { Properties } of resourcesOf(all, 'AWS::Lambda::Function')) {
      const keys = Properties.Tags.map(({ Key }: { Key: string }) => Key);
      assert.deepEqual(keys.sort(), ['switchyard:deployment', 'switchyard:part']);
    }
  });
}

function statements(templates: Synthesis['all']): readonly Statement[] {
  return resourcesOf(templates, 'AWS::IAM::Policy')
    .flatMap(({ Properties }): readonly Statement[] => Properties.PolicyDocument.Statement)
    .filter(({ Effect }) => Effect === 'Allow');
}

function sourceFiles(...folders: readonly string[]): readonly string[] {
  return folders.flatMap((folder) => {
    const root = join(import.meta.dirname, '../..', folder);
    return readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, file));
  });
}
