import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertRetryRules, type RetryRule, workerRetryRules } from '#core/jobs/retry-rules.ts';
import { resourcesOf, type Synthesis } from './synthesize.ts';

export function bulkCases({ bulk }: Synthesis): void {
  const environments = () =>
    resourcesOf(bulk, 'AWS::Batch::ComputeEnvironment').map(
      ({ Properties }) => Properties.ComputeResources,
    );

  test('GPU instances scale to zero', () => {
    assert.deepEqual(
      environments().map(({ MinvCpus }) => MinvCpus),
      [0, 0],
    );
  });

  test('there is no NAT gateway and no other network that bills by the hour', () => {
    for (const type of ['AWS::EC2::NatGateway', 'AWS::EC2::EIP', 'AWS::EC2::VPCEndpoint']) {
      const billed = resourcesOf(bulk, type).filter(
        ({ Properties }) => Properties?.VpcEndpointType !== 'Gateway',
      );
      assert.deepEqual(billed, [], type);
    }
  });

  test('instance types have their size, and no CPU instance may join', () => {
    for (const { InstanceTypes } of environments()) {
      assert.deepEqual(InstanceTypes, ['g4dn.xlarge', 'g5.xlarge', 'g6.xlarge']);
    }
  });

  test('one pool is spot by price and capacity, the other on demand', () => {
    assert.deepEqual(
      environments().map(({ Type, AllocationStrategy }) => [Type, AllocationStrategy]),
      [
        ['SPOT', 'SPOT_PRICE_CAPACITY_OPTIMIZED'],
        ['EC2', 'BEST_FIT_PROGRESSIVE'],
      ],
    );
  });

  test('instances run the AL2023 image with the NVIDIA driver', () => {
    for (const { Ec2Configuration } of environments()) {
      assert.deepEqual(Ec2Configuration, [{ ImageType: 'ECS_AL2023_NVIDIA' }]);
    }
  });

  test('a worker is tried again by the rules that the local queue uses', () => {
    const [definition] = resourcesOf(bulk, 'AWS::Batch::JobDefinition');
    const strategy = definition?.Properties.RetryStrategy;
    const deployed = strategy.EvaluateOnExit.map((rule: Record<string, string>) =>
      Object.fromEntries(
        Object.entries(rule).map(([key, value]) => [
          `${key[0]?.toLowerCase()}${key.slice(1)}`,
          value,
        ]),
      ),
    ) as RetryRule[];

    assert.deepEqual(deployed, workerRetryRules);
    assert.equal(strategy.Attempts, 10);
    assertRetryRules(deployed);
  });

  test('a worker runs under an init process, as nobody, on a read-only root with scratch in memory', () => {
    const [definition] = resourcesOf(bulk, 'AWS::Batch::JobDefinition');
    const container = definition?.Properties.ContainerProperties;

    assert.equal(container.LinuxParameters.InitProcessEnabled, true);
    assert.equal(container.User, '1000:1000');
    assert.equal(container.ReadonlyRootFilesystem, true);
    assert.equal(container.LinuxParameters.Tmpfs[0].ContainerPath, '/tmp');
    assert.deepEqual(container.Privileged ?? false, false);
  });

  test('a worker is told its buckets, its region and to run on CUDA or not at all', () => {
    const [definition] = resourcesOf(bulk, 'AWS::Batch::JobDefinition');
    const { Environment } = definition?.Properties.ContainerProperties ?? {};
    const told = new Map<string, unknown>(
      Environment.map(({ Name, Value }: { Name: string; Value: unknown }) => [Name, Value]),
    );

    assert.equal(told.get('AWS_REGION'), 'us-east-1');
    assert.equal(told.get('SWITCHYARD_PROVIDER'), 'cuda');
    assert.ok(told.has('SWITCHYARD_DATA_BUCKET') && told.has('SWITCHYARD_WORK_BUCKET'));
  });

  test('a job that can never start is cancelled after half an hour', () => {
    for (const { Properties } of resourcesOf(bulk, 'AWS::Batch::JobQueue')) {
      const actions: { readonly MaxTimeSeconds: number }[] = Properties.JobStateTimeLimitActions;
      assert.deepEqual(
        actions.map(({ MaxTimeSeconds }) => MaxTimeSeconds),
        [1_800, 1_800, 1_800],
      );
    }
  });

  test('the fleet runs for 15 minutes on concurrency of its own', () => {
    const fleet = resourcesOf(bulk, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.ReservedConcurrentExecutions !== undefined,
    );

    assert.equal(fleet.length, 1);
    assert.equal(fleet[0]?.Properties.ReservedConcurrentExecutions, 50);
    assert.equal(fleet[0]?.Properties.Timeout, 900);
  });

  test('an event that fails five times goes to the dead letters, others of its batch do not', () => {
    const [mapping] = resourcesOf(bulk, 'AWS::Lambda::EventSourceMapping');
    const queue = resourcesOf(bulk, 'AWS::SQS::Queue').find(
      ({ Properties }) => Properties.RedrivePolicy !== undefined,
    );

    assert.deepEqual(mapping?.Properties.FunctionResponseTypes, ['ReportBatchItemFailures']);
    assert.equal(queue?.Properties.RedrivePolicy.maxReceiveCount, 5);
  });

  test('the data bucket keeps versions, the work bucket none and forgets', () => {
    const buckets = resourcesOf(bulk, 'AWS::S3::Bucket');
    const versioned = buckets.filter(
      ({ Properties }) => Properties.VersioningConfiguration?.Status === 'Enabled',
    );

    assert.equal(versioned.length, 1);
    assert.equal(versioned[0]?.DeletionPolicy, 'Retain');
    assert.ok(buckets.every(({ Properties }) => Properties.LifecycleConfiguration !== undefined));
  });
}
