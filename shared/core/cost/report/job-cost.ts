import type { Assumptions } from './assumptions.ts';
import type { PriceBook } from './price-book.ts';

const SECONDS_PER_HOUR = 3_600;
/** EC2 bills a start for a minute at least. */
const LEAST_SECONDS = 60;
/** Time from the submit to the first call of a fleet, in seconds. */
const DISPATCH_SECONDS = 2;
/** Assumed wait for an instance, not billed, in seconds. */
const QUEUE_SECONDS = 60;
/** Time to commit a checkpoint, in seconds. */
const COMMIT_SECONDS = 2;
/** Tokens of an item for which the rates of the assumptions hold. */
const REFERENCE_TOKENS = 128;

/** One bulk job. */
export interface JobSize {
  readonly items: number;
  /** @default 128 */
  readonly tokens?: number;
}

export interface JobCost {
  readonly usd: number;
  readonly seconds: number;
}

/** A job on a Lambda fleet of at most `width` environments, every one of them cold at first. */
export function fleetJob(
  book: PriceBook,
  a: Assumptions,
  job: JobSize & { readonly width: number },
): JobCost {
  const { items, tokens = REFERENCE_TOKENS, width } = job;
  const itemSeconds = ((a.bulkMillisPerItem / 1_000) * tokens) / REFERENCE_TOKENS;
  const calls = Math.ceil(items / a.bulkItemsPerCall);
  const callSeconds = a.bulkCallOverheadSeconds + a.bulkItemsPerCall * itemSeconds;
  const initSeconds = a.initMillis / 1_000;
  const seconds = calls * callSeconds + Math.min(calls, width) * initSeconds;
  const usd =
    (book.usd('lambda requests', calls) ?? 0) +
    (book.usd(`lambda duration-${a.architecture}`, seconds * a.memoryGb) ?? 0) +
    (book.usd('sqs standard-requests', calls * a.queueCallsPerBulkCall) ?? 0);
  return {
    usd,
    seconds: DISPATCH_SECONDS + initSeconds + Math.ceil(calls / width) * callSeconds,
  };
}

export interface InstanceJob extends JobSize {
  readonly instanceType: string;
  readonly market: 'spot' | 'on-demand';
  /** @default - that of the assumptions */
  readonly setupSeconds?: number;
  /** Interruptions per hour. @default - that of the assumptions */
  readonly lossesPerHour?: number;
}

/**
 * A job on one instance. Interruptions come at random (exponential), each costs the work since the last
 * checkpoint and another start.
 */
export function instanceJob(book: PriceBook, a: Assumptions, job: InstanceJob): JobCost {
  const { items, tokens = REFERENCE_TOKENS, instanceType, market } = job;
  const gpu = a.gpus[instanceType] ?? { itemsPerSecond: 1, spotLossesPerHour: 0 };
  const setupSeconds = job.setupSeconds ?? a.setupSeconds;
  const lossesPerHour = market === 'spot' ? (job.lossesPerHour ?? gpu.spotLossesPerHour) : 0;
  const workSeconds = (items * tokens) / REFERENCE_TOKENS / gpu.itemsPerSecond;
  const runSeconds = expectedRun(workSeconds, {
    lossesPerSecond: lossesPerHour / SECONDS_PER_HOUR,
    setupSeconds,
    checkpointSeconds: a.checkpointSeconds,
  });
  const hours = Math.max(LEAST_SECONDS, setupSeconds + runSeconds) / SECONDS_PER_HOUR;
  const service = market === 'spot' ? 'ec2-spot' : 'ec2';
  const usd =
    (book.usd(`${service} ${instanceType}`, hours) ?? 0) +
    (book.usd('ebs gp3-storage', (hours * a.diskGb) / a.hoursPerMonth) ?? 0) +
    (book.usd('vpc ipv4-hours', hours) ?? 0);
  return { usd, seconds: QUEUE_SECONDS + setupSeconds + runSeconds };
}

function expectedRun(
  workSeconds: number,
  run: {
    readonly lossesPerSecond: number;
    readonly setupSeconds: number;
    readonly checkpointSeconds: number;
  },
): number {
  const { lossesPerSecond, setupSeconds, checkpointSeconds } = run;
  const segments = Math.max(1, workSeconds / checkpointSeconds);
  if (lossesPerSecond === 0) return workSeconds + segments * COMMIT_SECONDS;
  const segment = Math.min(checkpointSeconds + COMMIT_SECONDS, workSeconds + COMMIT_SECONDS);
  const perSegment = (1 / lossesPerSecond + setupSeconds) * Math.expm1(lossesPerSecond * segment);
  return segments * perSegment;
}

/** The smallest job for which the other way is better; undefined where none of up to 10^10 items is. */
export function crossoverItems(
  usualOf: (items: number) => number,
  otherOf: (items: number) => number,
): number | undefined {
  let low = 1;
  let high = 1e10;
  if (usualOf(high) <= otherOf(high)) return undefined;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (usualOf(middle) > otherOf(middle)) high = middle;
    else low = middle;
  }
  return high;
}
