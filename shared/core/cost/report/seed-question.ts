import type { Assumptions } from './assumptions.ts';
import { batchLines, natLines } from './bulk-path.ts';
import { sumLines } from './cost-line.ts';
import type { PriceBook } from './price-book.ts';
import { edgeLines, lambdaRequestLines, provisionedLines } from './request-path.ts';

/** The sum that the design documents name for Lambda and Batch spot. */
const SEED_USD = 150;
const SEED_REQUESTS = 1_000_000;
const MEMORY_GB = 2;
/** Share of the on-demand price that spot cost when the documents were written. */
const OLD_SPOT_SHARE = 0.3;

/** What is left of the 150 dollars, and the GPU hours that it buys. */
export interface MoneyLeft {
  readonly network: string;
  readonly requestUsd: number;
  readonly networkUsd: number;
  readonly leftUsd: number;
  readonly gpuHours: readonly { readonly name: string; readonly hours: number }[];
}

export function moneyLeft(book: PriceBook, a: Assumptions): readonly MoneyLeft[] {
  const requestUsd = requestPathUsd(book, a);
  const endpointHours = 6 * 2 * a.hoursPerMonth;
  const networks: readonly (readonly [string, number])[] = [
    ['public subnets, no NAT', 0],
    ['1 NAT', sumLines(natLines(book, a, 1))],
    ["2 NAT (CDK's default)", sumLines(natLines(book, a, 2))],
    ['6 interface endpoints in 2 zones', book.usd('vpc endpoint-hours', endpointHours) ?? 0],
  ];
  const perHour: readonly (readonly [string, number])[] = [
    ['p3 spot at 30 % of on demand', OLD_SPOT_SHARE * unit(book, 'ec2 p3.2xlarge')],
    ['p3 spot today', unit(book, 'ec2-spot p3.2xlarge')],
    ['g4dn spot', unit(book, 'ec2-spot g4dn.xlarge')],
    ['g5 spot', unit(book, 'ec2-spot g5.xlarge')],
  ];
  return networks.map(([network, networkUsd]) => {
    const leftUsd = SEED_USD - requestUsd - networkUsd;
    const gpuHours = perHour.map(([name, usd]) => ({ name, hours: Math.max(0, leftUsd) / usd }));
    return { network, requestUsd, networkUsd, leftUsd, gpuHours };
  });
}

/** One way in which a month of about 150 dollars comes about. */
export interface Reading {
  readonly label: string;
  readonly arithmetic: string;
  readonly usd: number;
  readonly verdict: string;
}

/** Every reading under which the documents' figure is true. */
export function readingsOf(book: PriceBook, a: Assumptions): readonly Reading[] {
  const request = requestPathUsd(book, a);
  const small = requestPathUsd(book, a, a.memoryGb);
  const spot = unit(book, 'ec2-spot g4dn.xlarge');
  const spotMonth = a.hoursPerMonth * spot;
  const oldSpot = OLD_SPOT_SHARE * unit(book, 'ec2 p3.2xlarge');
  const newSpot = unit(book, 'ec2-spot p3.2xlarge');
  const left = SEED_USD - request;
  const nat = sumLines(natLines(book, a, 1));
  const plan = { instanceType: 'g4dn.xlarge', market: 'spot', items: 1e9, jobs: 60 } as const;
  const billion = sumLines(batchLines(book, a, plan)) + (book.usd('ecr storage', a.imageGb) ?? 0);
  const slots = { gb: MEMORY_GB, environments: 5, hours: a.hoursPerMonth };
  const provisioned = sumLines(provisionedLines(book, a, slots));
  const money = (usd: number) => usd.toFixed(2);
  return [
    {
      label: 'One g4dn.xlarge spot, all month',
      arithmetic: `${a.hoursPerMonth} h × ${spot} = ${money(spotMonth)}`,
      usd: spotMonth,
      verdict: 'possible, but then it is an always-on GPU, at a spot price and without a fallback',
    },
    {
      label: 'p3.2xlarge spot at the discount of 2021–23',
      arithmetic: `(150 − ${money(request)}) / ${oldSpot.toFixed(3)} = ${Math.round(left / oldSpot)} h a month`,
      usd: SEED_USD,
      verdict: 'most likely what was meant: about five hours of GPU a day',
    },
    {
      label: "p3.2xlarge spot at today's price",
      arithmetic: `(150 − ${money(request)}) / ${newSpot} = ${Math.round(left / newSpot)} h a month`,
      usd: SEED_USD,
      verdict: 'the same idea with twice the hours',
    },
    {
      label: '2 NAT gateways and a billion bulk items',
      arithmetic: `${money(small)} + ${money(2 * nat)} + ${money(billion)} = ${money(small + 2 * nat + billion)}`,
      usd: small + 2 * nat + billion,
      verdict: 'a coincidence that shows how much bulk fits into the sum',
    },
    {
      label: '1 NAT gateway and five provisioned environments of 2 GB',
      arithmetic: `${money(request)} + ${money(nat)} + ${money(provisioned)} = ${money(request + nat + provisioned)}`,
      usd: request + nat + provisioned,
      verdict: 'over-protected against cold starts, and no bulk at all',
    },
  ];
}

/** The documents' million requests, on Lambda of this size with its front. */
function requestPathUsd(book: PriceBook, a: Assumptions, memoryGb = MEMORY_GB): number {
  const lambda = lambdaRequestLines(book, { ...a, memoryGb }, SEED_REQUESTS);
  return sumLines(lambda) + sumLines(edgeLines(book, a, SEED_REQUESTS));
}

function unit(book: PriceBook, item: string): number {
  return book.price(item)?.usdPerUnit ?? Number.NaN;
}
