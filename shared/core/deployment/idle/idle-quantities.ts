import { HOURS_PER_MONTH } from '../../cost/lane-rates.ts';
import { billedMetrics } from '../../metrics/billed-metrics.ts';
import { architectureOf, findInference, findWarmer } from './idle-functions.ts';
import type { IdleQuantity } from './idle-quantity.ts';
import { findResources, type IdleTemplate, numberAt, propertyAt } from './idle-template.ts';
import { scheduledQuantities } from './scheduled-quantities.ts';

/**
 * Lambda asks a queue by five connections that each wait 20 s for messages, also when none come; the
 * SQS requests are ours to pay.
 */
const POLLS_PER_MONTH = (5 * HOURS_PER_MONTH * 3_600) / 20;

/** The image of the worker as the registry stores it, compressed. To be replaced by a measured one. */
const IMAGE_GB = 1.5;

/** Everything in the templates that is paid for without a call. */
export function idleQuantities(templates: readonly IdleTemplate[]): readonly IdleQuantity[] {
  return [
    ...countedQuantities(templates),
    ...networkQuantities(templates),
    ...provisionedQuantities(templates),
    ...scheduledQuantities(templates),
  ].filter(({ amount }) => amount > 0);
}

function countedQuantities(templates: readonly IdleTemplate[]): readonly IdleQuantity[] {
  const count = (type: string) => findResources(templates, type).length;
  const polled = findResources(templates, 'AWS::Lambda::EventSourceMapping');
  const images = findResources(templates, 'AWS::Batch::JobDefinition').filter((definition) =>
    JSON.stringify(propertyAt(definition, ['ContainerProperties', 'Image'])).includes('.dkr.ecr.'),
  );
  const warmers = findWarmer(templates) === undefined ? 0 : 1;
  return [
    {
      what: 'secret of job ids',
      ...{ service: 'secrets-manager', dimension: 'secrets', setting: undefined },
      amount: count('AWS::SecretsManager::Secret'),
      basis: 'secrets in the templates',
    },
    {
      what: 'encryption keys',
      ...{ service: 'kms', dimension: 'keys', setting: undefined },
      amount: count('AWS::KMS::Key'),
      basis: 'keys in the templates',
    },
    {
      what: 'alarms',
      ...{ service: 'cloudwatch', dimension: 'alarms', setting: undefined },
      amount: findResources(templates, 'AWS::CloudWatch::Alarm').reduce(
        (sum, alarm) => sum + metricsOf(propertyAt(alarm, ['Metrics'])),
        0,
      ),
      basis: 'metrics that alarms look at',
    },
    {
      what: 'dashboard',
      ...{ service: 'cloudwatch', dimension: 'dashboards', setting: 'dashboard' },
      amount: count('AWS::CloudWatch::Dashboard'),
      basis: 'dashboards in the templates',
    },
    {
      what: 'metrics of the warmer',
      ...{ service: 'cloudwatch', dimension: 'metrics', setting: 'warming.environments' },
      amount: warmers * billedMetrics.filter((metric) => metric.startsWith('warm_up_')).length,
      basis: 'metrics that a ping leaves; those of calls are paid in hours with calls only',
    },
    {
      what: 'looking for messages',
      ...{ service: 'sqs', dimension: 'standard-requests', setting: undefined },
      amount: polled.length * POLLS_PER_MONTH,
      basis: '5 connections per queue, each asks every 20 s',
    },
    {
      what: 'web ACL',
      ...{ service: 'waf', dimension: 'web-acl', setting: 'waf' },
      amount: count('AWS::WAFv2::WebACL'),
      basis: 'web ACLs in the templates',
    },
    {
      what: 'rules of the web ACL',
      ...{ service: 'waf', dimension: 'rules', setting: 'waf' },
      amount: findResources(templates, 'AWS::WAFv2::WebACL').reduce(
        (sum, acl) => sum + lengthOf(propertyAt(acl, ['Rules'])),
        0,
      ),
      basis: 'rules and groups of rules in the templates',
    },
    {
      what: 'worker image',
      ...{ service: 'ecr', dimension: 'storage', setting: 'image' },
      amount: images.length * IMAGE_GB,
      basis: `${IMAGE_GB} GB compressed, an estimate`,
    },
  ];
}

function lengthOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}

function metricsOf(metrics: unknown): number {
  if (!Array.isArray(metrics)) return 1;
  return metrics.filter((each: { readonly MetricStat?: unknown }) => each.MetricStat).length;
}

function networkQuantities(templates: readonly IdleTemplate[]): readonly IdleQuantity[] {
  const endpoints = findResources(templates, 'AWS::EC2::VPCEndpoint').filter(
    (endpoint) => propertyAt(endpoint, ['VpcEndpointType']) === 'Interface',
  );
  const interfaces = endpoints.reduce((sum, endpoint) => {
    const subnets = propertyAt(endpoint, ['SubnetIds']);
    return sum + (Array.isArray(subnets) ? subnets.length : 1);
  }, 0);
  const addresses = findResources(templates, 'AWS::EC2::EIP').length;
  const gateways = findResources(templates, 'AWS::EC2::NatGateway').length;
  const shared = { service: 'vpc', setting: 'network', basis: '730 hours' };
  return [
    {
      ...shared,
      what: 'NAT gateways',
      dimension: 'nat-hours',
      amount: gateways * HOURS_PER_MONTH,
    },
    {
      ...shared,
      what: 'addresses of NAT gateways',
      dimension: 'ipv4-hours',
      amount: addresses * HOURS_PER_MONTH,
    },
    {
      ...shared,
      what: 'endpoints of AWS services',
      dimension: 'endpoint-hours',
      amount: interfaces * HOURS_PER_MONTH,
      basis: '730 hours in each zone',
    },
  ];
}

/** Environments that are held by promise; those of a schedule count as held always: an upper bound. */
function provisionedQuantities(templates: readonly IdleTemplate[]): readonly IdleQuantity[] {
  const fixed = findResources(templates, 'AWS::Lambda::Alias').reduce(
    (sum, alias) =>
      sum + numberAt(alias, ['ProvisionedConcurrencyConfig', 'ProvisionedConcurrentExecutions']),
    0,
  );
  const scaled = findResources(templates, 'AWS::ApplicationAutoScaling::ScalableTarget').reduce(
    (sum, target) => {
      const actions = propertyAt(target, ['ScheduledActions']);
      const most = numberAt(target, ['MaxCapacity']);
      return sum + (Array.isArray(actions) ? most : numberAt(target, ['MinCapacity']));
    },
    0,
  );
  const served = findInference(templates);
  const gb = served === undefined ? 0 : numberAt(served, ['MemorySize']) / 1_024;
  return [
    {
      what: 'provisioned environments',
      service: 'lambda',
      dimension: `provisioned-${served === undefined ? 'x86_64' : architectureOf(served)}`,
      amount: (fixed + scaled) * gb * HOURS_PER_MONTH * 3_600,
      setting: 'provisionedConcurrency',
      basis: 'held 730 hours',
    },
  ];
}
