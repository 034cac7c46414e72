import type { Assumptions } from './assumptions.ts';
import { sumLines } from './cost-line.ts';
import type { PriceBook } from './price-book.ts';
import { lambdaRequestLines, provisionedLines } from './request-path.ts';

const SECONDS_PER_HOUR = 3_600;

/** Where a machine that is always on becomes cheaper than Lambda. */
export interface BreakEven {
  readonly id: string;
  readonly name: string;
  readonly usdPerMonth: number;
  /** Requests per month; undefined where a price is not known. */
  readonly requests: number | undefined;
  readonly perSecond: number | undefined;
  readonly note: string;
}

/** A fixed monthly price that Lambda is compared with; both stand behind the same front. */
interface Rival {
  readonly id: string;
  readonly name: string;
  readonly parts: readonly (readonly [item: string, perHour: number])[];
}

const rivals: readonly Rival[] = [
  {
    id: 'fargate-half',
    name: 'Fargate 0.5 vCPU / 1 GB',
    parts: [
      ['fargate vcpu-hours', 0.5],
      ['fargate memory-hours', 1],
    ],
  },
  {
    id: 'fargate',
    name: 'Fargate 1 vCPU / 2 GB',
    parts: [
      ['fargate vcpu-hours', 1],
      ['fargate memory-hours', 2],
    ],
  },
  { id: 'g4dn-spot', name: 'g4dn.xlarge spot 24×7', parts: [['ec2-spot g4dn.xlarge', 1]] },
  { id: 'g4dn', name: 'g4dn.xlarge on demand', parts: [['ec2 g4dn.xlarge', 1]] },
  { id: 'sagemaker', name: 'SageMaker ml.g4dn.xlarge', parts: [['sagemaker ml.g4dn.xlarge', 1]] },
  { id: 'g6', name: 'g6.xlarge on demand', parts: [['ec2 g6.xlarge', 1]] },
  { id: 'g5', name: 'g5.xlarge on demand', parts: [['ec2 g5.xlarge', 1]] },
  { id: 'p3', name: 'p3.2xlarge on demand', parts: [['ec2 p3.2xlarge', 1]] },
];

/** What one more request costs on Lambda, without the front that every way shares. */
export function lambdaUsdPerRequest(book: PriceBook, a: Assumptions): number {
  return sumLines(lambdaRequestLines(book, a, 1));
}

/** Break-even with each rival, cheapest rival first. */
export function breakEvens(book: PriceBook, a: Assumptions): readonly BreakEven[] {
  const perRequest = lambdaUsdPerRequest(book, a);
  const known = rivals.flatMap(({ id, name, parts }) => {
    const prices = parts.map(([item, perHour]) => [book.price(item)?.usdPerUnit, perHour] as const);
    if (prices.some(([usd]) => usd === undefined)) return [];
    const usd = prices.reduce((sum, [price = 0, perHour]) => sum + price * perHour, 0);
    const usdPerMonth = usd * a.hoursPerMonth;
    const requests = usdPerMonth / perRequest;
    return [{ id, name, usdPerMonth, requests, perSecond: rateOf(requests, a), note: '' }];
  });
  return [...known, provisionedBreakEven(book, a)].sort((x, y) => x.usdPerMonth - y.usdPerMonth);
}

/** A provisioned slot adds a fixed price and lowers the price of duration. */
function provisionedBreakEven(book: PriceBook, a: Assumptions): BreakEven {
  const slot = { gb: a.memoryGb, environments: 1, hours: a.hoursPerMonth };
  const usdPerMonth = sumLines(provisionedLines(book, a, slot));
  const onDemand = book.price(`lambda duration-${a.architecture}`)?.usdPerUnit;
  const lower = book.price(`lambda provisioned-duration-${a.architecture}`)?.usdPerUnit;
  const name = 'One provisioned environment';
  if (onDemand === undefined || lower === undefined) {
    return {
      id: 'provisioned',
      name,
      usdPerMonth,
      requests: undefined,
      perSecond: undefined,
      note: 'price not known',
    };
  }
  const saved = (a.callMillis / 1_000) * a.memoryGb * (onDemand - lower);
  const requests = usdPerMonth / saved;
  const busy = (requests * a.callMillis) / 1_000 / (a.hoursPerMonth * SECONDS_PER_HOUR);
  const note = `busy ${Math.round(busy * 100)} % of the time`;
  return { id: 'provisioned', name, usdPerMonth, requests, perSecond: rateOf(requests, a), note };
}

function rateOf(requests: number, a: Assumptions): number {
  return requests / (a.hoursPerMonth * SECONDS_PER_HOUR);
}
