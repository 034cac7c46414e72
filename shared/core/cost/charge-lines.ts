import { gbSecondsOf, type LaneRates } from './lane-rates.ts';
import type { ChargeLine, LedgerKind } from './ledger-row.ts';
import { roundUsd, Usd } from './usd.ts';

/** One call of a Lambda function behind the API. */
export interface RequestUsage {
  readonly memoryMib: number;
  /** Time of the call as it is billed, without INIT. */
  readonly billedMillis: number;
  /** INIT of a cold start, billed since August 2025; 0 where the environment was warm. */
  readonly initMillis: number;
  readonly front: 'rest' | 'http' | 'none';
  readonly logBytes: number;
  readonly responseBytes: number;
  /** False where the caller got no answer: the call was paid for all the same. */
  readonly answered: boolean;
}

const BYTES_PER_GB = 2 ** 30;
const SECONDS_PER_HOUR = 3_600;

/** What one request costs. */
export function requestLines(usage: RequestUsage, rates: LaneRates): ChargeLine[] {
  const { front, memoryMib } = usage;
  const kind: LedgerKind = usage.answered ? 'useful' : 'lost';
  const { restUsdPerRequest, httpUsdPerRequest } = rates.api;
  const lines = [
    ...lambdaLines({ memoryMib, millis: usage.billedMillis, kind, calls: 1 }, rates),
    lambdaDuration({ memoryMib, millis: usage.initMillis, kind: 'idle' }, rates),
    charge(
      'cloudwatch logs-ingested',
      kind,
      [usage.logBytes / BYTES_PER_GB, 'GB'],
      rates.logUsdPerGb,
    ),
    charge(
      'data-transfer internet-out',
      kind,
      [usage.responseBytes / BYTES_PER_GB, 'GB'],
      rates.egressUsdPerGb,
    ),
  ];
  if (front !== 'none') {
    const usdPerRequest = front === 'rest' ? restUsdPerRequest : httpUsdPerRequest;
    lines.push(charge(`api-gateway ${front}-requests`, kind, [1, 'request'], usdPerRequest));
  }
  return used(lines);
}

/** How the time of one try of a worker was spent, in milliseconds. */
export interface AttemptMillis {
  readonly useful: number;
  readonly idle: number;
  readonly lost: number;
}

/** What a worker of the Lambda fleet costs for one try. */
export function fleetAttemptLines(
  attempt: { readonly memoryMib: number; readonly millis: AttemptMillis },
  rates: LaneRates,
): ChargeLine[] {
  const { memoryMib, millis } = attempt;
  return used([
    ...lambdaLines({ memoryMib, millis: millis.useful, kind: 'useful', calls: 1 }, rates),
    lambdaDuration({ memoryMib, millis: millis.idle, kind: 'idle' }, rates),
    lambdaDuration({ memoryMib, millis: millis.lost, kind: 'lost' }, rates),
  ]);
}

export interface InstanceAttempt {
  readonly instanceType: string;
  readonly market: 'spot' | 'on-demand';
  readonly usdPerHour: number;
  /** Whole life of the instance for this try: boot, pull and load are idle time. */
  readonly millis: AttemptMillis;
  readonly diskGb: number;
  /** EC2 took the instance back: within its first hour that costs no instance time. */
  readonly interruptedByEc2: boolean;
}

/** EC2 bills a Linux instance by the second, and a minute at least. */
const LEAST_MILLIS = 60_000;

/** What one try on an instance costs: instance, disk and public address, for every second of it. */
export function instanceAttemptLines(attempt: InstanceAttempt, rates: LaneRates): ChargeLine[] {
  const { millis, instanceType, market, diskGb } = attempt;
  const total = millis.useful + millis.idle + millis.lost;
  const split: readonly (readonly [LedgerKind, number])[] = [
    ['useful', millis.useful],
    ['idle', millis.idle + Math.max(0, LEAST_MILLIS - total)],
    ['lost', millis.lost],
  ];
  const isFree = attempt.interruptedByEc2 && market === 'spot' && total < SECONDS_PER_HOUR * 1000;
  const service = market === 'spot' ? 'ec2-spot' : 'ec2';
  return used(
    split.flatMap(([kind, spentMillis]) => {
      const hours = spentMillis / 1000 / SECONDS_PER_HOUR;
      const usdPerHour = isFree ? 0 : attempt.usdPerHour;
      return [
        charge(`${service} ${instanceType}`, kind, [hours, 'hour'], usdPerHour),
        charge('ebs gp3-storage', kind, [hours * diskGb, 'GB-hour'], rates.diskUsdPerGbHour),
        charge('vpc ipv4-hours', kind, [hours, 'hour'], rates.ipv4UsdPerHour),
      ];
    }),
  );
}

/** Requests that workers make to the object store. */
export function storeLines(
  calls: { readonly puts: number; readonly gets: number },
  rates: LaneRates,
): ChargeLine[] {
  return used([
    charge('s3 put-requests', 'useful', [calls.puts, 'request'], rates.s3.usdPerPut),
    charge('s3 get-requests', 'useful', [calls.gets, 'request'], rates.s3.usdPerGet),
  ]);
}

/** A stretch of a call, without the call: what a part of an answer took. */
export function stretchLines(time: LambdaTime, rates: LaneRates): ChargeLine[] {
  return used([lambdaDuration(time, rates)]);
}

/** One call of a function that no caller waits for. */
export function callLines(time: LambdaTime, rates: LaneRates): ChargeLine[] {
  return used(lambdaLines({ ...time, calls: 1 }, rates));
}

interface LambdaTime {
  readonly memoryMib: number;
  readonly millis: number;
  readonly kind: LedgerKind;
}

function lambdaLines(
  time: LambdaTime & { readonly calls: number },
  rates: LaneRates,
): ChargeLine[] {
  const { calls, kind } = time;
  const request = charge(
    'lambda requests',
    kind,
    [calls, 'request'],
    rates.lambda.usdPerInvocation,
  );
  return [lambdaDuration(time, rates), request];
}

function lambdaDuration({ memoryMib, millis, kind }: LambdaTime, rates: LaneRates): ChargeLine {
  const gbSeconds = gbSecondsOf({ memoryMib, billedMillis: millis });
  const item = `lambda duration-${rates.architecture}`;
  return charge(item, kind, [gbSeconds, 'GB-second'], rates.lambda.usdPerGbSecond);
}

function charge(
  item: string,
  kind: LedgerKind,
  [quantity, unit]: readonly [number, string],
  usdPerUnit: number,
): ChargeLine {
  const usd = roundUsd(new Usd(quantity).times(usdPerUnit)).toFixed();
  return { item, kind, quantity, unit, usd };
}

function used(lines: readonly ChargeLine[]): ChargeLine[] {
  return lines.filter(({ quantity }) => quantity > 0);
}
