import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DeploymentConfigInput } from '#core/deployment/deployment-config.ts';
import { lintTemplates } from '../fixtures/aws/lint-templates.ts';
import { costOf } from '../infra/cost-cases.ts';
import { resourcesOf, type Synthesis, synthesize } from '../infra/synthesize.ts';

// Every setting that changes a template. Each synthesis is one with cdk-nag: a finding fails it.

interface SettingCase {
  readonly config: DeploymentConfigInput;
  readonly check: (synthesis: Synthesis) => void;
}

const userPoolArn = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Ab1';
const imageUri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/workers:1';

const cases: Readonly<Record<string, SettingCase>> = {
  'arm64: every function runs on it, with its ONNX Runtime': {
    config: { architecture: 'arm64' },
    check: ({ all }) => {
      for (const { Properties } of resourcesOf(all, 'AWS::Lambda::Function')) {
        assert.deepEqual(Properties.Architectures, ['arm64']);
      }
    },
  },
  'nat: one gateway, and instances without an address': {
    config: { network: 'nat' },
    check: ({ bulk, all }) => {
      assert.equal(resourcesOf(bulk, 'AWS::EC2::NatGateway').length, 1);
      assert.equal(costOf(all).billedUsd.toFixed(2), costWith('nat'));
    },
  },
  'isolated: no way out, six endpoints that only the instances reach': {
    config: { network: 'isolated' },
    check: ({ bulk }) => {
      const endpoints = resourcesOf(bulk, 'AWS::EC2::VPCEndpoint').filter(
        ({ Properties }) => Properties.VpcEndpointType === 'Interface',
      );
      assert.equal(endpoints.length, 6);
      assert.deepEqual(resourcesOf(bulk, 'AWS::EC2::InternetGateway'), []);
      assert.deepEqual(resourcesOf(bulk, 'AWS::EC2::NatGateway'), []);
    },
  },
  'iam: every method wants a signature, and no key': {
    config: { auth: { mode: 'iam' } },
    check: ({ serving }) => {
      for (const { Properties } of resourcesOf(serving, 'AWS::ApiGateway::Method')) {
        assert.equal(Properties.AuthorizationType, 'AWS_IAM');
        assert.equal(Properties.ApiKeyRequired ?? false, false);
      }
      assert.equal(serving.Outputs['UsagePlanId'], undefined);
    },
  },
  'jwt: every method wants a token of the pool with the scope': {
    config: { auth: { mode: 'jwt', userPoolArn, scopes: ['switchyard/predict'] } },
    check: ({ serving }) => {
      for (const { Properties } of resourcesOf(serving, 'AWS::ApiGateway::Method')) {
        assert.equal(Properties.AuthorizationType, 'COGNITO_USER_POOLS');
        assert.deepEqual(Properties.AuthorizationScopes, ['switchyard/predict']);
      }
    },
  },
  'cors: preflights are answered as text, for the listed pages only': {
    config: { corsOrigins: ['https://a.example', 'https://b.example'] },
    check: ({ serving }) => {
      const preflights = resourcesOf(serving, 'AWS::ApiGateway::Method').filter(
        ({ Properties }) => Properties.HttpMethod === 'OPTIONS',
      );
      assert.ok(preflights.length > 5);
      for (const { Properties } of preflights) {
        assert.equal(Properties.Integration.ContentHandling, 'CONVERT_TO_TEXT');
        assert.equal(Properties.AuthorizationType, 'NONE');
        const text = JSON.stringify(Properties.Integration.IntegrationResponses);
        assert.match(text, /https:\/\/b\.example/);
        assert.doesNotMatch(text, /'\*'/);
      }
    },
  },
  'waf: a web ACL stands before the stage': {
    config: { waf: true },
    check: ({ serving }) => {
      assert.equal(resourcesOf(serving, 'AWS::WAFv2::WebACLAssociation').length, 1);
    },
  },
  'canary: a new version gets its share for five minutes, and an alarm takes it back': {
    config: { canaryPercent: 10 },
    check: ({ serving }) => {
      const [pace] = resourcesOf(serving, 'AWS::CodeDeploy::DeploymentConfig');
      assert.deepEqual(pace?.Properties.TrafficRoutingConfig.TimeBasedCanary, {
        CanaryInterval: 5,
        CanaryPercentage: 10,
      });
      const [group] = resourcesOf(serving, 'AWS::CodeDeploy::DeploymentGroup');
      assert.deepEqual(group?.Properties.AutoRollbackConfiguration.Events, [
        'DEPLOYMENT_FAILURE',
        'DEPLOYMENT_STOP_ON_ALARM',
      ]);
    },
  },
  'provisioned, fixed: so many environments on the alias': {
    config: { provisionedConcurrency: { mode: 'fixed', environments: 2 } },
    check: ({ serving, all }) => {
      const held = resourcesOf(serving, 'AWS::Lambda::Alias').map(
        ({ Properties }) => Properties.ProvisionedConcurrencyConfig,
      );
      assert.deepEqual(held.filter(Boolean), [{ ProvisionedConcurrentExecutions: 2 }]);
      assert.equal(costOf(all).billedUsd.toFixed(2), costWith('provisioned'));
    },
  },
  'provisioned, tracked: between two numbers, by utilization': {
    config: { provisionedConcurrency: { mode: 'tracked', least: 1, most: 5 } },
    check: ({ serving }) => {
      const [target] = resourcesOf(serving, 'AWS::ApplicationAutoScaling::ScalableTarget');
      const [policy] = resourcesOf(serving, 'AWS::ApplicationAutoScaling::ScalingPolicy');
      assert.deepEqual([target?.Properties.MinCapacity, target?.Properties.MaxCapacity], [1, 5]);
      const tracking = policy?.Properties.TargetTrackingScalingPolicyConfiguration;
      assert.equal(tracking.TargetValue, 0.7);
    },
  },
  'provisioned, scheduled: by the clock': {
    config: {
      provisionedConcurrency: {
        mode: 'scheduled',
        steps: [
          { schedule: 'cron(0 8 * * ? *)', environments: 3 },
          { schedule: 'cron(0 20 * * ? *)', environments: 0 },
        ],
      },
    },
    check: ({ serving }) => {
      const [target] = resourcesOf(serving, 'AWS::ApplicationAutoScaling::ScalableTarget');
      assert.equal(target?.Properties.ScheduledActions.length, 2);
    },
  },
  'image by URI: nothing is built, and only that repository is pulled from': {
    config: { image: { from: 'uri', uri: imageUri } },
    check: ({ bulk }) => {
      const [definition] = resourcesOf(bulk, 'AWS::Batch::JobDefinition');
      const image = JSON.stringify(definition?.Properties.ContainerProperties.Image);
      assert.match(image, /workers:1/);
      assert.match(JSON.stringify(resourcesOf(bulk, 'AWS::IAM::Policy')), /repository\/workers/);
    },
  },
  'image by CodeBuild: jobs wait until the build has reported': {
    config: { image: { from: 'codebuild' } },
    check: ({ bulk }) => {
      const definition = Object.values(bulk.Resources).find(
        ({ Type }) => Type === 'AWS::Batch::JobDefinition',
      ) as { readonly DependsOn?: readonly string[] } | undefined;
      assert.match(String(definition?.DependsOn), /Built/);
    },
  },
  'no warming, no dashboard, no ledger: none of their resources': {
    config: { warming: { environments: 0 }, dashboard: false, predictionLog: 'off' },
    check: ({ all, operations }) => {
      assert.deepEqual(resourcesOf(operations, 'AWS::CloudWatch::Dashboard'), []);
      assert.deepEqual(resourcesOf(operations, 'AWS::KinesisFirehose::DeliveryStream'), []);
      assert.equal(resourcesOf(all, 'AWS::Events::Rule').length, 3);
    },
  },
  'e-mail and budget: alarms and spending are told': {
    config: { notifyEmail: 'ops@example.com', monthlyBudgetUsd: 50 },
    check: ({ operations }) => {
      const [budget] = resourcesOf(operations, 'AWS::Budgets::Budget');
      assert.deepEqual(budget?.Properties.Budget.CostFilters.TagKeyValue, [
        'user:switchyard:deployment$switchyard',
      ]);
      for (const { Properties } of resourcesOf(operations, 'AWS::CloudWatch::Alarm')) {
        assert.equal(Properties.AlarmActions.length, 1);
      }
    },
  },
  'warm pool: an idle instance stays for twenty minutes': {
    config: { gpu: { warmPoolMinutes: 20 } },
    check: ({ bulk }) => {
      for (const { Properties } of resourcesOf(bulk, 'AWS::Batch::ComputeEnvironment')) {
        const { MinvCpus, ScalingPolicy } = Properties.ComputeResources;
        assert.deepEqual([MinvCpus, ScalingPolicy], [0, { MinScaleDownDelayMinutes: 20 }]);
      }
    },
  },
};

/** Dollars a month, from the catalogue by hand: what the default costs, and what the setting adds. */
function costWith(setting: 'nat' | 'provisioned'): string {
  const base = costOf(synthesize().all).billedUsd.toNumber();
  const added = {
    nat: 730 * 0.045 + 730 * 0.005,
    provisioned: 2 * (1_769 / 1_024) * 730 * 3_600 * 0.0000041667,
  };
  return (base + added[setting]).toFixed(2);
}

const folders: string[] = [];

for (const [name, { config, check }] of Object.entries(cases)) {
  test(name, () => {
    const synthesis = synthesize(config);
    folders.push(synthesis.folder);
    assert.deepEqual(synthesis.missing, []);
    check(synthesis);
  });
}

test('the emulated templates are the others without what the emulator refuses', () => {
  const [full, emulated] = [synthesize(), synthesize({}, { isEmulated: true })];
  folders.push(full.folder, emulated.folder);
  const typesOf = ({ all }: Synthesis) =>
    new Set(all.flatMap(({ Resources }) => Object.values(Resources)).map(({ Type }) => Type));
  const left = [...typesOf(full)].filter((type) => !typesOf(emulated).has(type));

  assert.ok(
    left.every((type) => /^AWS::(Batch|EC2)::|InstanceProfile|LogStream/.test(type)),
    left.join(),
  );
  assert.deepEqual(
    [...typesOf(emulated)].filter((type) =>
      /^AWS::(Batch|EC2|ApplicationAutoScaling|CodeDeploy|Budgets)::/.test(type),
    ),
    [],
  );
});

test('cfn-lint finds nothing in any of these templates', { timeout: 600_000 }, async () => {
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => join(folder, file)),
  );
  // Most settings leave two of the three stacks as they are.
  const distinct = new Map(files.map((file) => [readFileSync(file, 'utf8'), file]));

  assert.equal(files.length, folders.length * 3);
  assert.equal(await lintTemplates([...distinct.values()], 'us-east-1'), '');
});
