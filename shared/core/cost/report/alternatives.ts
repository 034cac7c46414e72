import { type Alternative, jobSeconds, type Way } from './alternative.ts';
import { alwaysOnWays } from './always-on-ways.ts';
import type { Assumptions } from './assumptions.ts';
import {
  batchLines,
  fleetLines,
  imageLines,
  natLines,
  readinessLines,
  upkeepLines,
} from './bulk-path.ts';
import { type CostLine, sumLines } from './cost-line.ts';
import { fleetJob, instanceJob } from './job-cost.ts';
import type { PriceBook } from './price-book.ts';
import { edgeLines, lambdaRequestLines, pingLines, provisionedLines } from './request-path.ts';
import type { Workload } from './workload.ts';

/** Environments of the fleet at a time; new accounts have fewer until they ask. */
export const FLEET_WIDTH = 500;

/** Every alternative of a workload, cheapest first. */
export function alternativesOf(
  book: PriceBook,
  a: Assumptions,
  workload: Workload,
): readonly Alternative[] {
  const all = [...lambdaWays(book, a, workload), ...alwaysOnWays(book, a, workload)];
  const ways = all.filter(hasItsPrice);
  // Whatever runs has to be watched.
  const upkeep = upkeepLines(book, a);
  const readiness = readinessLines(book, a);
  return ways
    .map((way) => ({ ...way, lines: [...way.lines, ...(isOurs(way) ? readiness : []), ...upkeep] }))
    .map((way) => ({
      ...way,
      usd: sumLines(way.lines),
      isLowerBound: way.lines.some(({ isUnpriced, quantity }) => isUnpriced && quantity > 0),
      fixedUsd: sumLines(way.lines.filter(({ isUsage }) => !isUsage)),
    }))
    .sort((left, right) => left.usd - right.usd);
}

/** Ways that the deployment itself can be; the others have no queues of its own. */
function isOurs({ family }: Way): boolean {
  return family === 'lambda' || family === 'batch';
}

/** What makes a way what it is; without its price it cannot be compared. */
const essential = /^(ec2|ec2-spot|fargate|lambda|sagemaker|vpc) (?!data$|ipv4)/;

function hasItsPrice({ lines }: Way): boolean {
  return lines.every(({ item, isUnpriced }) => !isUnpriced || !essential.test(item));
}

function lambdaWays(book: PriceBook, a: Assumptions, workload: Workload): readonly Way[] {
  const { requestsPerMonth: requests, bulkItemsPerMonth: items } = workload;
  const front = [...lambdaRequestLines(book, a, requests), ...edgeLines(book, a, requests)];
  const fleet = fleetLines(book, a, items);
  const online = {
    answerMillis: a.callMillis,
    coldMillis: a.initMillis + a.callMillis,
    isOnline: true,
  };
  const fleetSeconds = jobSeconds(workload, (size) =>
    fleetJob(book, a, { items: size, width: FLEET_WIDTH }),
  );
  const onFleet = { ...online, family: 'lambda' as const, jobSeconds: fleetSeconds };
  const provisioned = { gb: a.memoryGb, environments: a.provisionedEnvironments };
  return [
    {
      ...onFleet,
      id: 'lambda',
      name: 'Lambda only',
      lines: [...front, ...fleet],
      note: 'bulk on a fleet of Lambdas: soonest of all, dear per item',
    },
    {
      ...onFleet,
      id: 'lambda-pings',
      name: `Lambda + warming pings (${a.warmEnvironments})`,
      lines: [...front, ...fleet, ...pingLines(book, a, a.memoryGb)],
      note: 'cold starts fall below 0.1 % for cents',
    },
    {
      ...onFleet,
      id: 'lambda-provisioned',
      name: `Lambda + provisioned concurrency (${a.provisionedEnvironments})`,
      coldMillis: undefined,
      lines: [
        ...provisionedFront(book, a, requests),
        ...fleet,
        ...provisionedLines(book, a, { ...provisioned, hours: a.hoursPerMonth }),
      ],
      note: 'no cold start up to its number of environments; pays only if they are busy 60 % of the time',
    },
    ...batchWays(workload).map(({ plan, name, nat, note }) => ({
      ...online,
      family: 'batch' as const,
      id: `lambda-${plan.market}-${plan.instanceType}${nat === 0 ? '' : '-nat'}`,
      name,
      lines: [
        ...front,
        ...batchLines(book, a, { ...plan, items, jobs: workload.jobsPerMonth }),
        ...natLines(book, a, nat).filter(({ quantity }) => quantity > 0),
        ...imageLines(book, a),
      ],
      jobSeconds: jobSeconds(workload, (size) => instanceJob(book, a, { ...plan, items: size })),
      note,
    })),
  ];
}

/** Requests that provisioned environments answer have a lower price of duration. */
function provisionedFront(book: PriceBook, a: Assumptions, requests: number): readonly CostLine[] {
  const share = a.provisionedShare;
  const onDemand = lambdaRequestLines(book, share === 0 ? a : { ...a, coldShare: 0 }, requests);
  const lines = onDemand.flatMap((line): readonly CostLine[] => {
    if (share === 0 || line.label !== 'Inference time') return [line];
    const item = `lambda provisioned-duration-${a.architecture}`;
    const quantity = line.quantity * share;
    const price = book.price(item);
    const lower = { ...line, item, quantity, usdPerUnit: price?.usdPerUnit ?? 0 };
    return [
      { ...line, quantity: line.quantity - quantity, usd: line.usd * (1 - share) },
      { ...lower, label: 'Inference time, provisioned', usd: book.usd(item, quantity) ?? 0 },
    ];
  });
  return [...lines.filter(({ quantity }) => quantity > 0), ...edgeLines(book, a, requests)];
}

interface BatchWay {
  readonly plan: { readonly instanceType: string; readonly market: 'spot' | 'on-demand' };
  readonly name: string;
  readonly nat: number;
  readonly note: string;
}

function batchWays(workload: Workload): readonly BatchWay[] {
  const spot = (instanceType: string) => ({ instanceType, market: 'spot' as const });
  const onDemand = (instanceType: string) => ({ instanceType, market: 'on-demand' as const });
  const ways: readonly BatchWay[] = [
    {
      plan: spot('g4dn.xlarge'),
      name: 'Lambda + Batch spot g4dn',
      nat: 0,
      note: 'what Switchyard deploys',
    },
    {
      plan: spot('g4dn.xlarge'),
      name: 'Lambda + Batch spot g4dn, 2 NAT',
      nat: 2,
      note: "CDK's default network",
    },
    {
      plan: spot('p3.2xlarge'),
      name: 'Lambda + Batch spot p3',
      nat: 0,
      note: "the design documents' GPU",
    },
    {
      plan: onDemand('g4dn.xlarge'),
      name: 'Lambda + Batch on-demand g4dn',
      nat: 0,
      note: 'no interruptions',
    },
  ];
  return workload.jobsPerMonth === 0 && workload.bulkItemsPerMonth === 0 ? [] : ways;
}
