import type { Assumptions } from './assumptions.ts';
import { breakEvens, lambdaUsdPerRequest } from './break-even.ts';
import { crossoverItems, fleetJob, instanceJob } from './job-cost.ts';
import type { PriceBook } from './price-book.ts';

const SECONDS_PER_HOUR = 3_600;

interface CurvePoint {
  readonly x: number;
  readonly usd: number;
}

interface Curve {
  readonly id: string;
  readonly name: string;
  readonly points: readonly CurvePoint[];
  /** Range of the price when the time of one call is 30 % less or more. */
  readonly band?: readonly { readonly x: number; readonly low: number; readonly high: number }[];
}

/** Where two curves meet, and where they meet when the call takes 30 % more or less. */
export interface Crossing extends CurvePoint {
  readonly id: string;
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

export interface CurveChart {
  readonly curves: readonly Curve[];
  readonly crossings: readonly Crossing[];
}

/** How far an input of the sensitivity goes to either side. */
export const SENSITIVITY = 0.3;

/** Points that are evenly spread on a logarithmic axis. */
function spread(from: number, to: number, count: number): readonly number[] {
  const ratio = Math.log(to / from) / (count - 1);
  return Array.from({ length: count }, (_, at) => from * Math.exp(ratio * at));
}

/** Compute of a month against requests of a month: Lambda, and machines that are always on. */
export function requestCurves(book: PriceBook, a: Assumptions): CurveChart {
  const xs = spread(1e5, 1e10, 151);
  const lambdaAt = (x: number, share = 1) =>
    x * lambdaUsdPerRequest(book, { ...a, callMillis: a.callMillis * share });
  const lambda: Curve = {
    id: 'lambda',
    name: 'Lambda',
    points: xs.map((x) => ({ x, usd: lambdaAt(x) })),
    band: xs.map((x) => ({
      x,
      low: lambdaAt(x, 1 - SENSITIVITY),
      high: lambdaAt(x, 1 + SENSITIVITY),
    })),
  };
  const shown = ['fargate', 'g4dn-spot', 'g4dn', 'p3'];
  const points = breakEvens(book, a).filter(({ id }) => shown.includes(id));
  const machines = points.map(({ id, name, usdPerMonth }): Curve => {
    return { id, name, points: machinePoints(xs, { usdPerMonth, capacity: capacityOf(id, a) }) };
  });
  const shorter = breakEvens(book, { ...a, callMillis: a.callMillis * (1 - SENSITIVITY) });
  const longer = breakEvens(book, { ...a, callMillis: a.callMillis * (1 + SENSITIVITY) });
  const crossings = points.flatMap(({ id, name, requests, usdPerMonth }): readonly Crossing[] => {
    const high = shorter.find((each) => each.id === id)?.requests;
    const low = longer.find((each) => each.id === id)?.requests;
    if (requests === undefined || high === undefined || low === undefined) return [];
    // One machine could not carry that load: the curves never meet there.
    if (requests > capacityOf(id, a)) return [];
    return [{ id, name, x: requests, usd: usdPerMonth, low, high }];
  });
  return { curves: [lambda, ...machines], crossings };
}

/** Steps that are seen as such; many machines are a line. */
const SHOWN_STEPS = 12;

function machinePoints(
  xs: readonly number[],
  machine: { readonly usdPerMonth: number; readonly capacity: number },
): readonly CurvePoint[] {
  const { usdPerMonth, capacity } = machine;
  const [first = 1] = xs;
  const last = xs.at(-1) ?? first;
  const steps = Array.from({ length: SHOWN_STEPS }, (_, at) => at + 1);
  const corners = steps.flatMap((count): readonly CurvePoint[] => [
    { x: count * capacity, usd: count * usdPerMonth },
    { x: count * capacity, usd: (count + 1) * usdPerMonth },
  ]);
  const beyond = SHOWN_STEPS * capacity;
  const many = xs.filter((x) => x > beyond).map((x) => ({ x, usd: (x / capacity) * usdPerMonth }));
  const end = { x: last, usd: Math.ceil(last / capacity) * usdPerMonth };
  const shown = corners.filter(({ x }) => x <= last);
  return [{ x: first, usd: usdPerMonth }, ...shown, ...(many.length > 0 ? many : [end])];
}

/** Requests per month that one machine can answer. */
function capacityOf(id: string, a: Assumptions): number {
  const seconds = a.hoursPerMonth * SECONDS_PER_HOUR;
  if (id === 'fargate') return (seconds * a.fargateUtilization * 1_000) / a.callMillis;
  const type = id === 'p3' ? 'p3.2xlarge' : 'g4dn.xlarge';
  return seconds * (a.gpus[type]?.itemsPerSecond ?? 1);
}

interface JobWay {
  readonly id: string;
  readonly name: string;
  readonly instanceType: string;
  readonly market: 'spot' | 'on-demand';
}

const jobWays: readonly JobWay[] = [
  { id: 'g4dn-spot', name: 'g4dn.xlarge spot', instanceType: 'g4dn.xlarge', market: 'spot' },
  { id: 'g4dn', name: 'g4dn.xlarge on demand', instanceType: 'g4dn.xlarge', market: 'on-demand' },
  { id: 'p3', name: 'p3.2xlarge on demand', instanceType: 'p3.2xlarge', market: 'on-demand' },
];

/** One bulk job against its size: the Lambda fleet, and one GPU instance. */
export function jobCurves(book: PriceBook, a: Assumptions, width: number): CurveChart {
  const xs = spread(100, 1e8, 121).map(Math.round);
  const fleetAt = (items: number) => fleetJob(book, a, { items, width }).usd;
  const fleet = {
    id: 'fleet',
    name: `Lambda fleet of ${width}`,
    points: xs.map((x) => ({ x, usd: fleetAt(x) })),
  };
  const isKnown = ({ market, instanceType }: JobWay) =>
    book.price(`${market === 'spot' ? 'ec2-spot' : 'ec2'} ${instanceType}`) !== undefined;
  const ways = jobWays.filter(isKnown);
  const instances = ways.map((way) => ({
    id: way.id,
    name: way.name,
    points: xs.map((x) => ({ x, usd: instanceJob(book, a, { ...way, items: x }).usd })),
  }));
  const crossings = ways.flatMap((way): readonly Crossing[] => {
    const at = (share: number) =>
      crossoverItems(fleetAt, (items) => {
        const setupSeconds = a.setupSeconds * share;
        return instanceJob(book, a, { ...way, items, setupSeconds }).usd;
      });
    const [x, low, high] = [at(1), at(1 - SENSITIVITY), at(1 + SENSITIVITY)];
    if (x === undefined || low === undefined || high === undefined) return [];
    return [{ id: way.id, name: way.name, x, usd: fleetAt(x), low, high }];
  });
  return { curves: [fleet, ...instances], crossings };
}
