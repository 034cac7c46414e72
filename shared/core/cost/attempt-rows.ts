import type { Lane } from '../contract/lane.ts';
import { type Attempt, type AttemptSpan, attemptSpans } from '../jobs/attempt-record.ts';
import type { PartFooter } from '../jobs/part-format.ts';
import {
  type AttemptMillis,
  fleetAttemptLines,
  instanceAttemptLines,
  storeLines,
} from './charge-lines.ts';
import { idleBeforeMillis } from './host-idle.ts';
import { LAMBDA_MEMORY_MIB, type LaneRates } from './lane-rates.ts';
import { type ChargeLine, type LedgerRow, ledgerRow } from './ledger-row.ts';

/** Of a job: what the price of its attempts depends on. */
export interface ChargedJob {
  readonly id: string;
  readonly tenant: string;
  readonly model: string;
  readonly lane: Lane;
  readonly endedAtMillis: number;
  readonly attempts: readonly Attempt[];
  readonly footers: readonly Pick<
    PartFooter,
    'attemptId' | 'inferenceMillis' | 'tokens' | 'results'
  >[];
}

/** What an attempt in a GPU lane is priced as where no instance is known. */
const DEFAULT_INSTANCE = 'g4dn.xlarge';
/** Root volume of a GPU instance; the image takes most of it. */
const DISK_GB = 30;

/**
 * One row per attempt, from its records and from the parts that it committed: its seconds priced as
 * those of its lane, on the instance that it had, whose boot and waits are idle time of it. What neither
 * record says when it ended, ended with the job.
 */
export function attemptRows(job: ChargedJob, rates: LaneRates): LedgerRow[] {
  const spans = attemptSpans(job.attempts, job.footers);
  const idleBefore = idleBeforeMillis(spans);
  return spans.map((span) => {
    const { attemptId, startedAt, lane = job.lane, memoryMib, host } = span.attempt;
    const endedAtMillis = span.endedAtMillis ?? Math.max(job.endedAtMillis, Date.parse(startedAt));
    const own = job.footers.filter((footer) => footer.attemptId === attemptId);
    const lived = millisOf(span, endedAtMillis);
    const millis = { ...lived, idle: lived.idle + (idleBefore.get(attemptId) ?? 0) };
    return ledgerRow({
      id: `${job.id}/${attemptId}`,
      at: new Date(endedAtMillis).toISOString(),
      source: 'attempt',
      tenant: job.tenant,
      model: job.model,
      lane,
      job: job.id,
      region: rates.region,
      items: own.reduce((sum, { results }) => sum + results.rows, 0),
      tokens: own.reduce((sum, { tokens }) => sum + tokens, 0),
      basis: 'estimate',
      lines: attemptLines(
        {
          ...{ lane, memoryMib, instanceType: host?.instanceType },
          ...{ millis, parts: own.length },
        },
        rates,
      ),
    });
  });
}

interface LaneTime {
  readonly lane: Lane;
  /** Undefined where it is not known, or no instance. */
  readonly instanceType: string | undefined;
  readonly millis: AttemptMillis;
  /**
   * Of the function, in lanes of functions.
   *
   * @default - one vCPU's
   */
  readonly memoryMib?: number | undefined;
}

/**
 * What one attempt costs: the seconds of its lane, its two records, and a write and a read per part. A
 * quote prices the attempts that it foretells by the same lines.
 */
export function attemptLines(
  attempt: LaneTime & { readonly parts: number },
  rates: LaneRates,
): ChargeLine[] {
  const calls = { puts: attempt.parts + 2, gets: attempt.parts };
  return [...timeLines(attempt, rates), ...storeLines(calls, rates)];
}

function millisOf(span: AttemptSpan, endedAtMillis: number): AttemptMillis {
  const { usefulMillis: useful, lostMillis: lost, attempt } = span;
  const lived = Math.max(0, endedAtMillis - Date.parse(attempt.startedAt));
  return { useful, lost, idle: Math.max(0, lived - useful - lost) };
}

function timeLines(
  { lane, instanceType, millis, memoryMib = LAMBDA_MEMORY_MIB }: LaneTime,
  rates: LaneRates,
): ChargeLine[] {
  if (lane === 'cpu' || lane === 'cpu-fleet') {
    return fleetAttemptLines({ memoryMib, millis }, rates);
  }
  const market = lane === 'gpu-spot' ? 'spot' : 'on-demand';
  const priced = (type: string | undefined) =>
    rates.gpus.find((each) => each.instanceType === type);
  const gpu = priced(instanceType) ?? priced(DEFAULT_INSTANCE);
  const usdPerHour = market === 'spot' ? gpu?.spotUsdPerHour : gpu?.onDemandUsdPerHour;
  if (gpu === undefined || usdPerHour === undefined) return [];
  const place = { instanceType: gpu.instanceType, market, usdPerHour, diskGb: DISK_GB } as const;
  return instanceAttemptLines({ ...place, millis, interruptedByEc2: false }, rates);
}
