import type { Assumptions } from './assumptions.ts';
import { type CostLine, costLine, type WantedLine } from './cost-line.ts';
import type { PriceBook } from './price-book.ts';

const BYTES_PER_GB = 2 ** 30;
const SECONDS_PER_HOUR = 3_600;

/** Requests of a month on Lambda: duration, cold starts, invocations. */
export function lambdaRequestLines(
  book: PriceBook,
  a: Assumptions,
  requests: number,
): readonly CostLine[] {
  const gbSeconds = (requests * a.memoryGb * a.callMillis) / 1_000;
  const initGbSeconds = (requests * a.coldShare * a.memoryGb * a.initMillis) / 1_000;
  return linesOf(book, 'requests', [
    { label: 'Inference time', item: `lambda duration-${a.architecture}`, quantity: gbSeconds },
    { label: 'Cold starts', item: `lambda duration-${a.architecture}`, quantity: initGbSeconds },
    { label: 'Invocations', item: 'lambda requests', quantity: requests },
  ]);
}

/** What every way behind the API pays per request: API, authorizer, transfer, log. */
export function edgeLines(book: PriceBook, a: Assumptions, requests: number): readonly CostLine[] {
  const logGb = (requests * a.logBytes) / BYTES_PER_GB;
  const authorizerGbSeconds = (a.authorizerCalls * a.authorizerMillis * AUTHORIZER_GB) / 1_000;
  const name = a.front === 'rest' ? 'REST API' : 'HTTP API';
  return linesOf(book, 'requests', [
    { label: name, item: `api-gateway ${a.front}-requests`, quantity: requests },
    { label: 'Authorizer calls', item: 'lambda requests', quantity: a.authorizerCalls },
    {
      label: 'Authorizer time',
      item: `lambda duration-${a.architecture}`,
      quantity: authorizerGbSeconds,
    },
    {
      label: 'Answers to the internet',
      item: 'data-transfer internet-out',
      quantity: (requests * a.responseBytes) / BYTES_PER_GB,
    },
    { label: 'Log ingestion', item: 'cloudwatch logs-ingested', quantity: logGb },
    { label: 'Log storage', item: 'cloudwatch logs-stored', quantity: logGb * a.logMonths },
  ]).filter(({ quantity }) => quantity > 0);
}

/** Memory of the authorizer: it hashes a key and reads one object. */
const AUTHORIZER_GB = 128 / 1_024;

/** Environments kept warm by calls that run a real inference. */
export function pingLines(book: PriceBook, a: Assumptions, gb: number): readonly CostLine[] {
  const pings = (a.warmEnvironments * a.hoursPerMonth * 60) / a.pingMinutes;
  return linesOf(book, 'warmth', [
    { label: 'Scheduler', item: 'scheduler invocations', quantity: pings, isUsage: false },
    { label: 'Ping invocations', item: 'lambda requests', quantity: pings, isUsage: false },
    {
      label: 'Ping time',
      item: `lambda duration-${a.architecture}`,
      quantity: (pings * gb * a.pingMillis) / 1_000,
      isUsage: false,
    },
  ]);
}

/** Provisioned environments, around the clock unless fewer hours are given. */
export function provisionedLines(
  book: PriceBook,
  a: Assumptions,
  wanted: { readonly gb: number; readonly environments: number; readonly hours: number },
): readonly CostLine[] {
  const { gb, environments, hours } = wanted;
  return linesOf(book, 'warmth', [
    {
      label: `${environments} provisioned environments`,
      item: `lambda provisioned-${a.architecture}`,
      quantity: gb * environments * hours * SECONDS_PER_HOUR,
      isUsage: false,
    },
  ]);
}

/** Lines of one part, priced. */
export function linesOf(
  book: PriceBook,
  part: WantedLine['part'],
  wanted: readonly Omit<WantedLine, 'part'>[],
): CostLine[] {
  return wanted.map((line) => costLine(book, { part, ...line }));
}
