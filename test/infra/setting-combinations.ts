import assert from 'node:assert/strict';
import type { DeploymentConfigInput } from '#core/deployment/deployment-config.ts';
import { FIREWALL_RULES } from '#core/deployment/idle/setting-surcharges.ts';
import { costOf } from './cost-cases.ts';
import { onlyAnswererReads, rulesWithKey } from './escalation-checks.ts';
import { resourcesOf, type Synthesis } from './synthesize.ts';

interface Combination {
  readonly config: DeploymentConfigInput;
  /** What each of its settings does to the templates. */
  readonly checks: Readonly<Record<string, (synthesis: Synthesis) => void>>;
}

const userPoolArn = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Ab1';
const keyArn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:llm-key-AbCdEf';
const imageUri = '123456789012.dkr.ecr.us-east-1.amazonaws.com/workers:1';

/** Every setting that changes a template, in three combinations: a synthesis takes seconds. */
export const combinations: readonly Combination[] = [
  {
    config: {
      architecture: 'arm64',
      network: 'nat',
      provisionedConcurrency: { mode: 'tracked', least: 1, most: 5 },
      corsOrigins: ['https://a.example', 'https://b.example'],
      waf: true,
      notifyEmail: 'ops@example.com',
      monthlyBudgetUsd: 50,
      gpu: { warmPoolMinutes: 20 },
      tenantBudgets: { tenants: { acme: { monthlyUsd: 1 } } },
      image: { from: 'uri', uri: imageUri },
      escalation: rulesWithKey(keyArn),
    },
    checks: {
      'escalation: told to the function that answers, which may read that key and no other':
        onlyAnswererReads(keyArn),
      'arm64: every function runs on it, with its ONNX Runtime': ({ all }) => {
        for (const { Properties } of resourcesOf(all, 'AWS::Lambda::Function')) {
          assert.deepEqual(Properties.Architectures, ['arm64']);
        }
      },
      'budgets: told to the functions that decide, and to no other': ({ all }) => {
        const told = resourcesOf(all, 'AWS::Lambda::Function').filter(
          ({ Properties }) => Properties.Environment?.Variables.SWITCHYARD_BUDGETS !== undefined,
        );
        const kinds = told.map(({ Properties }) => Properties.Handler).sort();
        assert.deepEqual(kinds, [
          'reconcile.handler',
          'serve-inference.handler',
          'serve-jobs.handler',
          'start-drop-jobs.handler',
        ]);
      },
      'nat: one gateway, and instances without an address': (synthesis) => {
        assert.equal(resourcesOf(synthesis.bulk, 'AWS::EC2::NatGateway').length, 1);
        assert.equal(listPrice(synthesis, 'nat-hours'), 730 * 0.045);
      },
      'provisioned, tracked: between two numbers, by utilization': ({ serving }) => {
        const [target] = resourcesOf(serving, 'AWS::ApplicationAutoScaling::ScalableTarget');
        const [policy] = resourcesOf(serving, 'AWS::ApplicationAutoScaling::ScalingPolicy');
        assert.deepEqual([target?.Properties.MinCapacity, target?.Properties.MaxCapacity], [1, 5]);
        const tracking = policy?.Properties.TargetTrackingScalingPolicyConfiguration;
        assert.equal(tracking.TargetValue, 0.7);
      },
      'cors: preflights are answered as text, for the listed pages only': ({ serving }) => {
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
      'waf: a web ACL stands before the stage, and its price is what the surcharge says': (
        synthesis,
      ) => {
        assert.equal(resourcesOf(synthesis.serving, 'AWS::WAFv2::WebACLAssociation').length, 1);
        assert.equal(listPrice(synthesis, 'web-acl'), 5);
        assert.equal(listPrice(synthesis, 'rules'), FIREWALL_RULES);
      },
      'e-mail and budget: alarms and spending are told': ({ operations }) => {
        const [budget] = resourcesOf(operations, 'AWS::Budgets::Budget');
        assert.deepEqual(budget?.Properties.Budget.CostFilters.TagKeyValue, [
          'user:switchyard:deployment$switchyard',
        ]);
        for (const { Properties } of resourcesOf(operations, 'AWS::CloudWatch::Alarm')) {
          assert.equal(Properties.AlarmActions.length, 1);
        }
      },
      'warm pool: an idle instance stays for twenty minutes': ({ bulk }) => {
        for (const { Properties } of resourcesOf(bulk, 'AWS::Batch::ComputeEnvironment')) {
          const { MinvCpus, ScalingPolicy } = Properties.ComputeResources;
          assert.deepEqual([MinvCpus, ScalingPolicy], [0, { MinScaleDownDelayMinutes: 20 }]);
        }
      },
      'image by URI: nothing is built, and only that repository is pulled from': ({ bulk }) => {
        const [definition] = resourcesOf(bulk, 'AWS::Batch::JobDefinition');
        const image = JSON.stringify(definition?.Properties.ContainerProperties.Image);
        assert.match(image, /workers:1/);
        assert.match(JSON.stringify(resourcesOf(bulk, 'AWS::IAM::Policy')), /repository\/workers/);
      },
    },
  },
  {
    config: {
      network: 'isolated',
      auth: { mode: 'iam' },
      docs: 'key',
      provisionedConcurrency: {
        mode: 'scheduled',
        steps: [
          { schedule: 'cron(0 8 * * ? *)', environments: 3 },
          { schedule: 'cron(0 20 * * ? *)', environments: 0 },
        ],
      },
      canaryPercent: 10,
      image: { from: 'codebuild' },
      predictionLog: 'full',
      predictionDays: 7,
    },
    checks: {
      'predictionLog, full: texts have a folder of their own, and go after their days': ({
        bulk,
        operations,
      }) => {
        const streams = resourcesOf(operations, 'AWS::KinesisFirehose::DeliveryStream');
        const prefixes = streams.map(
          ({ Properties }) => Properties.ExtendedS3DestinationConfiguration.Prefix.split('/')[0],
        );
        assert.deepEqual(prefixes.sort(), ['ledger', 'predictions']);
        const rules = resourcesOf(bulk, 'AWS::S3::Bucket').flatMap(
          ({ Properties }) => Properties.LifecycleConfiguration.Rules,
        );
        const ofTexts = rules.find(({ Prefix }) => Prefix === 'predictions/');
        assert.equal(ofTexts?.ExpirationInDays, 7);
      },
      'isolated: no way out, six endpoints that only the instances reach': ({ bulk }) => {
        const endpoints = resourcesOf(bulk, 'AWS::EC2::VPCEndpoint').filter(
          ({ Properties }) => Properties.VpcEndpointType === 'Interface',
        );
        assert.equal(endpoints.length, 6);
        assert.deepEqual(resourcesOf(bulk, 'AWS::EC2::InternetGateway'), []);
        assert.deepEqual(resourcesOf(bulk, 'AWS::EC2::NatGateway'), []);
      },
      'iam: every method wants a signature, and no key': ({ serving }) => {
        for (const { Properties } of resourcesOf(serving, 'AWS::ApiGateway::Method')) {
          assert.equal(Properties.AuthorizationType, 'AWS_IAM');
          assert.equal(Properties.ApiKeyRequired ?? false, false);
        }
        assert.equal(serving.Outputs['UsagePlanId'], undefined);
      },
      'provisioned, scheduled: by the clock': ({ serving }) => {
        const [target] = resourcesOf(serving, 'AWS::ApplicationAutoScaling::ScalableTarget');
        assert.equal(target?.Properties.ScheduledActions.length, 2);
      },
      'canary: a new version gets its share for five minutes, and an alarm takes it back': ({
        serving,
      }) => {
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
        assert.equal(group?.Properties.AlarmConfiguration.Alarms.length, 2);
        // The metrics of what the version answers, and of what it does not even answer.
        const [api] = resourcesOf(serving, 'AWS::ApiGateway::RestApi');
        const watched = resourcesOf(serving, 'AWS::CloudWatch::Alarm').map(({ Properties }) => [
          `${Properties.Namespace} ${Properties.MetricName}`,
          Properties.Dimensions.map(({ Name }: { Name: string }) => Name).sort(),
        ]);
        assert.deepEqual(watched.sort(), [
          ['AWS/ApiGateway 5XXError', ['ApiName']],
          ['AWS/Lambda Errors', ['FunctionName', 'Resource']],
        ]);
        const [answers] = resourcesOf(serving, 'AWS::CloudWatch::Alarm').filter(
          ({ Properties }) => Properties.Namespace === 'AWS/ApiGateway',
        );
        assert.equal(answers?.Properties.Dimensions[0].Value, api?.Properties.Name);
      },
      'image by CodeBuild: jobs wait until the build has reported': ({ bulk }) => {
        const definition = Object.values(bulk.Resources).find(
          ({ Type }) => Type === 'AWS::Batch::JobDefinition',
        ) as { readonly DependsOn?: readonly string[] } | undefined;
        assert.match(String(definition?.DependsOn), /Built/);
      },
    },
  },
  {
    config: {
      docs: 'key',
      auth: { mode: 'jwt', userPoolArn, scopes: ['switchyard/predict'] },
      provisionedConcurrency: { mode: 'fixed', environments: 2 },
      warming: { environments: 0 },
      dashboard: false,
      predictionLog: 'off',
    },
    checks: {
      'jwt: every method wants a token of the pool with the scope': ({ serving }) => {
        for (const { Properties } of resourcesOf(serving, 'AWS::ApiGateway::Method')) {
          assert.equal(Properties.AuthorizationType, 'COGNITO_USER_POOLS');
          assert.deepEqual(Properties.AuthorizationScopes, ['switchyard/predict']);
        }
      },
      'provisioned, fixed: so many environments on the alias': (synthesis) => {
        const held = resourcesOf(synthesis.serving, 'AWS::Lambda::Alias').map(
          ({ Properties }) => Properties.ProvisionedConcurrencyConfig,
        );
        assert.deepEqual(held.filter(Boolean), [{ ProvisionedConcurrentExecutions: 2 }]);
        const gbSeconds = 2 * (1_769 / 1_024) * 730 * 3_600;
        const usd = listPrice(synthesis, 'provisioned-x86_64') ?? 0;
        assert.ok(Math.abs(usd - gbSeconds * 0.0000041667) < 1e-6);
      },
      'predictionLog, off: the ledger is delivered, without answers': ({ serving, operations }) => {
        assert.equal(resourcesOf(operations, 'AWS::KinesisFirehose::DeliveryStream').length, 1);
        assert.match(JSON.stringify(serving), /"SWITCHYARD_PREDICTION_LOG":"off"/);
      },
      'no warming, no dashboard: none of their resources': ({ all, operations }) => {
        assert.deepEqual(resourcesOf(operations, 'AWS::CloudWatch::Dashboard'), []);
        // What remains: ends on Batch, lost jobs, files that were dropped, cost reports.
        assert.equal(resourcesOf(all, 'AWS::Events::Rule').length, 4);
      },
    },
  },
];

/** Dollars a month by the list price of one line of the bill. */
function listPrice({ all }: Synthesis, dimension: string): number | undefined {
  return costOf(all)
    .lines.find((line) => line.dimension === dimension)
    ?.listUsd?.toNumber();
}
