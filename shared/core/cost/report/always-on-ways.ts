import type { Way } from './alternative.ts';
import type { Assumptions } from './assumptions.ts';
import type { CostLine } from './cost-line.ts';
import type { PriceBook } from './price-book.ts';
import { edgeLines, linesOf } from './request-path.ts';
import { itemsOf, type Workload } from './workload.ts';

const BYTES_PER_GB = 2 ** 30;
const SECONDS_PER_HOUR = 3_600;
/** A vCPU on Fargate counts as one of Lambda's. */
const gpuTypes = ['g4dn.xlarge', 'g6.xlarge', 'g5.xlarge', 'p3.2xlarge'] as const;

/** The ways that keep a machine, or leave the keeping to SageMaker. */
export function alwaysOnWays(book: PriceBook, a: Assumptions, workload: Workload): readonly Way[] {
  const machines = gpuTypes
    .filter((type) => a.gpus[type] !== undefined)
    .map((type) => alwaysOnGpu(book, a, workload, type));
  return [...machines, fargate(book, a, workload), ...sagemakerWays(book, a, workload)].filter(
    ({ isOnline }) => isOnline || workload.jobsPerMonth > 0,
  );
}

function alwaysOnGpu(book: PriceBook, a: Assumptions, workload: Workload, type: string): Way {
  const rate = a.gpus[type]?.itemsPerSecond ?? 1;
  const count = instancesFor(itemsOf(workload) / rate, a.hoursPerMonth, 1);
  const [hours] = linesOf(book, 'always on', [
    {
      label: `${count} × ${type} on demand, all month`,
      item: `ec2 ${type}`,
      quantity: count * a.hoursPerMonth,
      isUsage: false,
    },
  ]);
  return {
    ...steady(a),
    id: `always-on-${type}`,
    name: `Always-on ${type}`,
    lines: [
      ...(hours === undefined ? [] : [hours]),
      ...edgeLines(book, a, workload.requestsPerMonth),
    ],
    jobSeconds: secondsAt(workload, rate * count),
    note: 'one zone, no spare; balancer and disk not counted',
  };
}

function fargate(book: PriceBook, a: Assumptions, workload: Workload): Way {
  const busySeconds = (itemsOf(workload) * a.callMillis) / 1_000;
  const count = instancesFor(busySeconds, a.hoursPerMonth, a.fargateUtilization);
  const hours = count * a.hoursPerMonth;
  const machine: CostLine[] = linesOf(book, 'always on', [
    {
      label: `${count} × ${a.fargateVcpus} vCPU`,
      item: 'fargate vcpu-hours',
      quantity: hours * a.fargateVcpus,
      isUsage: false,
    },
    {
      label: `${count} × ${a.fargateGb} GB`,
      item: 'fargate memory-hours',
      quantity: hours * a.fargateGb,
      isUsage: false,
    },
  ]);
  return {
    ...steady(a),
    id: 'fargate',
    name: `Fargate ${a.fargateVcpus} vCPU, always on`,
    lines: [...machine, ...edgeLines(book, a, workload.requestsPerMonth)],
    jobSeconds: secondsAt(workload, (count * 1_000) / a.bulkMillisPerItem),
    note: 'planned to be busy half the time; no balancer counted',
  };
}

function sagemakerWays(book: PriceBook, a: Assumptions, workload: Workload): readonly Way[] {
  const type = 'g4dn.xlarge';
  const rate = a.gpus[type]?.itemsPerSecond ?? 1;
  const hosting = `sagemaker ml.${type}`;
  const dataGb = (itemsOf(workload) * a.sagemakerPayloadBytes) / BYTES_PER_GB;
  const data = linesOf(book, 'requests', [
    { label: 'Data in and out', item: 'sagemaker data', quantity: dataGb },
  ]);
  const perJobSeconds = a.sagemakerStartSeconds + a.sagemakerIdleSeconds;
  const busySeconds = workload.bulkItemsPerMonth / rate + workload.jobsPerMonth * perJobSeconds;
  const count = instancesFor(itemsOf(workload) / rate, a.hoursPerMonth, 1);
  const serverlessGbSeconds = (itemsOf(workload) * a.callMillis * a.sagemakerServerlessGb) / 1_000;
  return [
    {
      ...steady(a),
      id: 'sagemaker-real-time',
      name: `SageMaker real-time ml.${type}`,
      family: 'managed',
      lines: [
        ...linesOf(book, 'always on', [
          {
            label: `${count} × ml.${type}, all month`,
            item: hosting,
            quantity: count * a.hoursPerMonth,
            isUsage: false,
          },
        ]),
        ...data,
      ],
      jobSeconds: secondsAt(workload, rate * count),
      note: 'its own endpoint: no API key, no API Gateway',
    },
    {
      ...steady(a),
      id: 'sagemaker-async',
      name: `SageMaker async ml.${type}`,
      family: 'managed',
      isOnline: false,
      coldMillis: a.sagemakerStartSeconds * 1_000,
      lines: linesOf(book, 'bulk', [
        {
          label: 'Hosting: start, work, idle tail',
          item: hosting,
          quantity: busySeconds / SECONDS_PER_HOUR,
        },
      ]),
      jobSeconds: secondsAt(workload, rate, a.sagemakerStartSeconds),
      note: 'bulk only: scaled to zero, minutes to the first answer',
    },
    {
      ...steady(a),
      id: 'sagemaker-serverless',
      name: `SageMaker serverless ${a.sagemakerServerlessGb} GB`,
      family: 'managed',
      coldMillis: a.initMillis + a.callMillis,
      lines: [
        ...linesOf(book, 'requests', [
          {
            label: 'Inference time',
            item: 'sagemaker serverless-duration',
            quantity: serverlessGbSeconds,
          },
        ]),
        ...data,
      ],
      jobSeconds: undefined,
      note: 'no GPU; its own endpoint; jobs would be single calls',
    },
  ];
}

const steady = (a: Assumptions) =>
  ({
    family: 'always on',
    answerMillis: a.callMillis,
    coldMillis: undefined,
    isOnline: true,
  }) as const;

function instancesFor(busySeconds: number, hoursPerMonth: number, utilization: number): number {
  return Math.max(1, Math.ceil(busySeconds / (hoursPerMonth * SECONDS_PER_HOUR * utilization)));
}

function secondsAt(workload: Workload, rate: number, startSeconds = 0): number | undefined {
  const { bulkItemsPerMonth: items, jobsPerMonth: jobs } = workload;
  return items === 0 || jobs === 0 ? undefined : startSeconds + items / jobs / rate;
}
