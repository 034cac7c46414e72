import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleFunction } from '../../infra/bundling/bundle-function.ts';
import { type FunctionName, functionPackages } from '../../infra/bundling/function-entries.ts';
import { packagedAlike } from './bundle-cases.ts';
import { type Resource, resourcesOf, type Synthesis } from './synthesize.ts';

// The emulator lets everybody do everything. What a package can call is in esbuild's own account of it;
// what its role may do is in the template. Neither may have more than the other.

/** What AWS asks for, of each command of the SDK. A new command has to be looked at once. */
const rightsOfCommands: Readonly<Record<string, readonly string[]>> = {
  'client-batch DescribeJobs': ['batch:DescribeJobs'],
  'client-batch ListJobs': ['batch:ListJobs'],
  'client-batch SubmitJob': ['batch:SubmitJob'],
  'client-batch TerminateJob': ['batch:TerminateJob'],
  'client-lambda Invoke': ['lambda:InvokeFunction'],
  'client-s3 AbortMultipartUpload': ['s3:AbortMultipartUpload'],
  'client-s3 CompleteMultipartUpload': ['s3:PutObject'],
  'client-s3 CreateMultipartUpload': ['s3:PutObject'],
  // Of directory buckets, which are not used: the client brings it along.
  'client-s3 CreateSession': [],
  'client-s3 DeleteObject': ['s3:DeleteObject'],
  // A version that a job pinned is a right of its own; an absent object is only told to who may list.
  'client-s3 GetObject': ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
  'client-s3 HeadObject': ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'],
  'client-s3 ListObjectsV2': ['s3:ListBucket'],
  'client-s3 PutObject': ['s3:PutObject'],
  'client-s3 UploadPart': ['s3:PutObject'],
  'client-s3 UploadPartCopy': ['s3:PutObject', 's3:GetObject'],
  'client-secrets-manager GetSecretValue': ['secretsmanager:GetSecretValue'],
};

/** What a package holds and its function never does, since one file makes all calls of a service. */
const neverDone: Partial<Record<FunctionName, readonly string[]>> = {
  // It reads one record, which nobody versions.
  authorizer: [
    ...['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
    's3:GetObjectVersion',
  ],
  // They read rows that nobody replaces, and write small reports in one piece.
  costs: ['s3:DeleteObject', 's3:AbortMultipartUpload', 's3:GetObjectVersion'],
  drift: ['s3:DeleteObject', 's3:AbortMultipartUpload', 's3:GetObjectVersion'],
};

/** What Lambda itself does by the role of a function that takes messages. */
const pollerRights = [
  ...['sqs:ChangeMessageVisibility', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  ...['sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
];

const logRights = ['logs:CreateLogStream', 'logs:PutLogEvents'];

export function rightsCases(synthesis: Synthesis): void {
  for (const name of Object.keys(functionPackages) as FunctionName[]) {
    test(`${name}: its role may do what its package can call, and nothing else`, () => {
      const wanted = new Set([...logRights, ...rightsOfPackage(name)]);
      for (const right of neverDone[name] ?? []) wanted.delete(right);
      if (name === 'startDrops') for (const right of pollerRights) wanted.add(right);

      assert.deepEqual(rightsOfRole(synthesis, functionOf(synthesis, name)), [...wanted].sort());
    });
  }

  test('every function may call those that its settings name', () => {
    const called: Partial<Record<FunctionName, readonly string[]>> = {
      inference: ['SWITCHYARD_JOBS_FUNCTION'],
      warmer: ['SWITCHYARD_WARM_FUNCTION'],
      ...Object.fromEntries(
        ['jobs', 'startDrops', 'finisher', 'reconciler'].map((name) => [
          name,
          ['SWITCHYARD_FLEET_FUNCTION'],
        ]),
      ),
    };
    for (const [name, settings] of Object.entries(called)) {
      const target = functionOf(synthesis, name as FunctionName);
      const named = settings.map((setting) => target.Properties.Environment.Variables[setting]);
      const allowed = resourcesOfRight(synthesis, target, 'lambda:InvokeFunction');
      assert.deepEqual(allowed, named, name);
    }
    // A worker calls its successor, which is itself, and the finisher that the call names.
    const fleet = resourcesOfRight(
      synthesis,
      functionOf(synthesis, 'fleet'),
      'lambda:InvokeFunction',
    );
    const { Environment } = functionOf(synthesis, 'reconciler').Properties;
    const { SWITCHYARD_FLEET_FUNCTION, SWITCHYARD_FINISH_FUNCTION } = Environment.Variables;
    assert.deepEqual(fleet, [SWITCHYARD_FINISH_FUNCTION, SWITCHYARD_FLEET_FUNCTION]);
  });

  test('who submits jobs may do so to the queues and the definition that its settings name', () => {
    for (const name of ['jobs', 'startDrops', 'finisher', 'reconciler'] as const) {
      const target = functionOf(synthesis, name);
      const { Variables } = target.Properties.Environment;
      const allowed = resourcesOfRight(synthesis, target, 'batch:SubmitJob').map(stringify);
      const definition = `:job-definition/${Variables.SWITCHYARD_JOB_DEFINITION}:*`;

      assert.equal(allowed.length, 3);
      assert.ok(allowed.includes(stringify(Variables.SWITCHYARD_SPOT_QUEUE)));
      assert.ok(allowed.includes(stringify(Variables.SWITCHYARD_ON_DEMAND_QUEUE)));
      assert.ok(
        allowed.some((resource) => resource.includes(definition)),
        definition,
      );
    }
    const [worker] = resourcesOf(synthesis.bulk, 'AWS::Batch::JobDefinition');
    const { Variables } = functionOf(synthesis, 'jobs').Properties.Environment;
    assert.equal(worker?.Properties.JobDefinitionName, Variables.SWITCHYARD_JOB_DEFINITION);
  });

  test('every function writes its log into a group of its own, which the role may write', () => {
    const functions = resourcesOf(synthesis.all, 'AWS::Lambda::Function');
    const groups = functions.map(({ Properties }) => stringify(Properties.LoggingConfig.LogGroup));

    assert.equal(new Set(groups).size, functions.length);
    for (const [at, each] of functions.entries()) {
      const [group] = resourcesOfRight(synthesis, each, 'logs:PutLogEvents');
      assert.match(stringify(group), new RegExp(groups[at]?.slice(8, -2) ?? 'none'));
    }
  });
}

function stringify(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

function rightsOfPackage(name: FunctionName): readonly string[] {
  const { metafile } = bundleFunction(name, packagedAlike);
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  return files.flatMap((file) => {
    const [, client, command] =
      /@aws-sdk\/(client-[\w-]+)\/.*\/commands\/(\w+)Command\.js$/.exec(file) ?? [];
    if (client === undefined) return [];
    const rights = rightsOfCommands[`${client} ${command}`];
    assert.ok(rights !== undefined, `${client} ${command} is new: say what right it needs`);
    return rights;
  });
}

function functionOf({ all }: Synthesis, name: FunctionName): Resource {
  const handler = functionPackages[name].entry.replace(/^.*\/|ts$/g, '');
  const found = resourcesOf(all, 'AWS::Lambda::Function').filter(
    ({ Properties }) => Properties.Handler === `${handler}handler`,
  );
  assert.equal(found.length, 1, name);
  return found[0] as Resource;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

function statementsOf({ all }: Synthesis, { Properties }: Resource): readonly Statement[] {
  const role = Properties.Role['Fn::GetAtt'][0];
  return resourcesOf(all, 'AWS::IAM::Policy')
    .filter((policy) => policy.Properties.Roles.some((each: { Ref: string }) => each.Ref === role))
    .flatMap((policy) => policy.Properties.PolicyDocument.Statement);
}

function rightsOfRole(synthesis: Synthesis, target: Resource): readonly string[] {
  const actions = statementsOf(synthesis, target).flatMap(({ Effect, Action }) =>
    Effect === 'Allow' ? Action : [],
  );
  return [...new Set(actions)].sort();
}

function resourcesOfRight(
  synthesis: Synthesis,
  target: Resource,
  action: string,
): readonly unknown[] {
  return statementsOf(synthesis, target)
    .filter(({ Action }) => [Action].flat().includes(action))
    .flatMap(({ Resource }) => Resource);
}
