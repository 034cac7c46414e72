import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { readDeploymentConfig } from '#core/deployment/deployment-config.ts';
import { describeIdleCost } from '#core/deployment/idle/describe-idle-cost.ts';
import { idleCost } from '#core/deployment/idle/idle-cost.ts';
import { type IdleTemplate, idleTemplateSchema } from '#core/deployment/idle/idle-template.ts';
import { settingSurcharges } from '#core/deployment/idle/setting-surcharges.ts';
import { resourcesOf, type StackTemplate, type Synthesis } from './synthesize.ts';

/** The day of the prices; an assertion on money must not depend on the day of the test. */
const prices = openShippedPrices({ today: '2026-11-24' });

export function costOf(templates: readonly StackTemplate[]) {
  const read = templates.map((template): IdleTemplate => idleTemplateSchema.parse(template));
  return idleCost(read, { prices, region: 'us-east-1' });
}

export function costCases({ all }: Synthesis): void {
  const cost = costOf(all);
  const listOf = (what: string) =>
    cost.lines
      .filter((line) => line.what === what)
      .reduce((sum, { listUsd }) => sum + (listUsd?.toNumber() ?? 0), 0);

  test('an idle month costs a dollar at most', () => {
    assert.deepEqual(cost.unknown, []);
    assert.ok(cost.billedUsd.lte(1), `$${cost.billedUsd}`);
  });

  test('without what AWS gives every account, all but the dashboard stays below two dollars', () => {
    const list = cost.listUsd.toNumber() - listOf('dashboard');

    assert.equal(listOf('dashboard'), 3);
    assert.ok(list <= 2, `$${list}`);
  });

  test('every alarm, secret and schedule of the templates is in the bill', () => {
    const alarms = cost.lines.find(({ dimension }) => dimension === 'alarms');
    const schedules = resourcesOf(all, 'AWS::Events::Rule').filter(
      ({ Properties }) => Properties.ScheduleExpression !== undefined,
    );

    assert.equal(alarms?.amount, resourcesOf(all, 'AWS::CloudWatch::Alarm').length);
    assert.equal(listOf('secret of job ids'), 0.4);
    assert.equal(schedules.length, 4);
    assert.ok(listOf('schedule of the reconciler') > 0);
    assert.ok(listOf('schedule of the warmer') > 0);
    assert.ok(listOf('schedule of the drift job') > 0);
    assert.ok(listOf('warm environments') > 0);
  });

  test('looking for messages is in the bill, though no resource says so', () => {
    const polls = cost.lines.find(({ dimension }) => dimension === 'standard-requests');

    assert.equal(polls?.amount, (5 * 730 * 3_600) / 20);
  });

  test('no metric is billed while nobody calls', () => {
    assert.equal(listOf('metrics of the warmer'), 0);
  });

  test('every setting that is paid by the month is printed with what it adds', () => {
    const config = readDeploymentConfig({});
    const surcharges = settingSurcharges(config, prices);
    const printed = describeIdleCost(cost, surcharges);
    const usdOf = (name: string) =>
      surcharges
        .find(({ setting }) => setting === name)
        ?.usd?.toNumber()
        .toFixed(2);

    for (const { setting, per, usd } of surcharges) {
      const line = printed.find((each) => each.endsWith(`  ${setting}, per ${per}`));
      assert.equal(line?.trim().split(' ')[0], `$${usd?.toFixed(2)}`, setting);
    }
    // By hand, from the list of us-east-1: hours of a month by the price of one.
    assert.equal(usdOf('network: nat'), (730 * (0.045 + 0.005)).toFixed(2));
    assert.equal(usdOf('network: isolated'), (6 * 3 * 730 * 0.01).toFixed(2));
    const gbSeconds = (1_769 / 1_024) * 730 * 3_600;
    assert.equal(usdOf('provisionedConcurrency'), (gbSeconds * 0.0000041667).toFixed(2));
    assert.equal(usdOf('canaryPercent'), '0.20');
    assert.equal(usdOf('waf: true'), '8.00');
    assert.equal(usdOf('dashboard: true'), '3.00');
    const named = surcharges.map(({ setting }) => setting.split(/[:.]/)[0] ?? '');
    assert.deepEqual(
      named.filter((name) => !(name in config)),
      [],
    );
  });

  test('nothing bills by the hour', () => {
    const hourly = cost.lines.filter(({ dimension }) => /hours|provisioned/.test(dimension));

    assert.deepEqual(hourly, []);
  });

  test('no type of resource that is paid for by being there is left out of the bill', () => {
    // Free while idle, or in the bill above; a new type has to be looked at once.
    const types = new Set(
      all.flatMap(({ Resources }) => Object.values(Resources)).map((r) => r.Type),
    );

    assert.deepEqual(
      [...types].filter((type) => !known.has(type)),
      [],
    );
  });
}

const known = new Set([
  ...['RestApi', 'Account', 'Deployment', 'Stage', 'Resource', 'Method', 'Authorizer'].map(apiType),
  ...['RequestValidator', 'Model', 'GatewayResponse', 'UsagePlan'].map(apiType),
  ...['ComputeEnvironment', 'JobQueue', 'JobDefinition'].map((name) => `AWS::Batch::${name}`),
  ...['Alarm', 'Dashboard'].map((name) => `AWS::CloudWatch::${name}`),
  ...['FlowLog', 'InternetGateway', 'LaunchTemplate', 'Route', 'RouteTable'].map(ec2Type),
  ...['SecurityGroup', 'Subnet', 'SubnetRouteTableAssociation', 'VPC', 'VPCEndpoint'].map(ec2Type),
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::Events::Rule',
  ...['InstanceProfile', 'Policy', 'Role'].map((name) => `AWS::IAM::${name}`),
  'AWS::KinesisFirehose::DeliveryStream',
  ...['Alias', 'EventInvokeConfig', 'EventSourceMapping', 'Function', 'Permission', 'Version'].map(
    (name) => `AWS::Lambda::${name}`,
  ),
  ...['LogGroup', 'LogStream', 'SubscriptionFilter'].map((name) => `AWS::Logs::${name}`),
  ...['Bucket', 'BucketPolicy'].map((name) => `AWS::S3::${name}`),
  'AWS::SecretsManager::Secret',
  ...['Queue', 'QueuePolicy'].map((name) => `AWS::SQS::${name}`),
]);

function apiType(name: string): string {
  return `AWS::ApiGateway::${name}`;
}

function ec2Type(name: string): string {
  return `AWS::EC2::${name}`;
}
