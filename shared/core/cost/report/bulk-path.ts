import type { Assumptions } from './assumptions.ts';
import type { CostLine } from './cost-line.ts';
import type { PriceBook } from './price-book.ts';
import { linesOf, pingLines } from './request-path.ts';

const SECONDS_PER_HOUR = 3_600;

/** A month's bulk items on the Lambda fleet. */
export function fleetLines(book: PriceBook, a: Assumptions, items: number): readonly CostLine[] {
  const calls = items / a.bulkItemsPerCall;
  const secondsPerCall =
    a.bulkCallOverheadSeconds + (a.bulkItemsPerCall * a.bulkMillisPerItem) / 1_000;
  return linesOf(book, 'bulk', [
    {
      label: 'Fleet time',
      item: `lambda duration-${a.architecture}`,
      quantity: calls * secondsPerCall * a.memoryGb,
    },
    { label: 'Fleet invocations', item: 'lambda requests', quantity: calls },
    {
      label: 'Queue calls',
      item: 'sqs standard-requests',
      quantity: calls * a.queueCallsPerBulkCall,
    },
  ]);
}

export interface BatchPlan {
  readonly instanceType: string;
  readonly market: 'spot' | 'on-demand';
  readonly items: number;
  readonly jobs: number;
}

/** Instance hours of a month: work, rework of interruptions, and one start per job. */
export function batchHours(a: Assumptions, plan: BatchPlan): number {
  const gpu = a.gpus[plan.instanceType];
  const lossesPerHour = plan.market === 'spot' ? (gpu?.spotLossesPerHour ?? 0) : 0;
  const workSeconds = plan.items / (gpu?.itemsPerSecond ?? 1);
  const rework = (lossesPerHour / SECONDS_PER_HOUR) * (a.checkpointSeconds / 2 + a.setupSeconds);
  return (workSeconds * (1 + rework) + plan.jobs * a.setupSeconds) / SECONDS_PER_HOUR;
}

/** A month's bulk items on AWS Batch: instances, their disks and addresses while they live. */
export function batchLines(book: PriceBook, a: Assumptions, plan: BatchPlan): readonly CostLine[] {
  const hours = batchHours(a, plan);
  const service = plan.market === 'spot' ? 'ec2-spot' : 'ec2';
  return linesOf(book, 'bulk', [
    {
      label: `${plan.instanceType} ${plan.market}, boot and rework included`,
      item: `${service} ${plan.instanceType}`,
      quantity: hours,
    },
    {
      label: 'Root volumes',
      item: 'ebs gp3-storage',
      quantity: (hours * a.diskGb) / a.hoursPerMonth,
    },
    { label: 'Public addresses', item: 'vpc ipv4-hours', quantity: hours },
  ]);
}

/** What the GPU path costs in a month without a job: its image. */
export function imageLines(book: PriceBook, a: Assumptions): readonly CostLine[] {
  return linesOf(book, 'upkeep', [
    { label: 'GPU image in ECR', item: 'ecr storage', quantity: a.imageGb, isUsage: false },
  ]);
}

/** What the deployment itself costs in an idle month: operations and the secret. */
export function upkeepLines(book: PriceBook, a: Assumptions): readonly CostLine[] {
  return linesOf(book, 'upkeep', [
    { label: 'Custom metrics', item: 'cloudwatch metrics', quantity: a.metrics, isUsage: false },
    { label: 'Alarms', item: 'cloudwatch alarms', quantity: a.alarms, isUsage: false },
    { label: 'Dashboard', item: 'cloudwatch dashboards', quantity: a.dashboards, isUsage: false },
    { label: 'Secret', item: 'secrets-manager secrets', quantity: a.secrets, isUsage: false },
  ]).filter(({ quantity }) => quantity > 0);
}

/** Objects that one round of the reconciler lists, and its time. */
const PUTS_PER_ROUND = 3;
const ROUND_SECONDS = 2;
const CONTROL_GB = 256 / 1_024;

/** What stands ready for jobs and requests in an idle month: queues, reconciler, warmer. */
export function readinessLines(book: PriceBook, a: Assumptions): readonly CostLine[] {
  const runs = a.reconcilerRuns;
  const roundGbSeconds = runs * ROUND_SECONDS * CONTROL_GB;
  const duration = `lambda duration-${a.architecture}`;
  const warmed = { ...a, warmEnvironments: a.deployedWarmEnvironments };
  return [
    ...linesOf(book, 'upkeep', [
      { label: 'Looks into the queues', item: 'sqs standard-requests', quantity: a.queuePolls },
      { label: 'Reconciler', item: 'lambda requests', quantity: runs },
      { label: 'Reconciler time', item: duration, quantity: roundGbSeconds },
      { label: 'Reconciler listings', item: 's3 put-requests', quantity: runs * PUTS_PER_ROUND },
    ]).map((line) => ({ ...line, isUsage: false })),
    ...pingLines(book, warmed, a.memoryGb),
  ].filter(({ quantity }) => quantity > 0);
}

/** NAT gateways of a month, before any byte. */
export function natLines(book: PriceBook, a: Assumptions, gateways: number): readonly CostLine[] {
  return linesOf(book, 'network', [
    {
      label: `${gateways} NAT gateways`,
      item: 'vpc nat-hours',
      quantity: gateways * a.hoursPerMonth,
      isUsage: false,
    },
  ]);
}
