import { attemptRows } from '#core/cost/attempt-rows.ts';
import type { LaneRates } from '#core/cost/lane-rates.ts';
import { totalUsd } from '#core/cost/ledger-total.ts';
import { type Attempt, lostMillis } from '#core/jobs/attempt-record.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { PartFooter } from '#core/jobs/part-format.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { CheckedPart } from '../finish/check-parts.ts';
import { readAttempts } from '../worker/record-attempt.ts';

interface OutputPorts {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  readonly rates?: () => Promise<LaneRates | undefined>;
}

/** What manifest.json says about how the output came to be; counts and checksums are added to it. */
export async function describeOutput(
  ports: OutputPorts,
  job: JobRecord,
  parts: readonly CheckedPart[],
) {
  const attempts = await readAttempts(ports.objectStore, job.id);
  const footers = parts.map(({ footer }) => footer);
  return {
    schema: 1,
    job_id: job.id,
    input: {
      uri: job.input.uri,
      size_bytes: job.input.sizeBytes,
      files: job.input.files.length,
      version: job.input.files.length === 1 ? job.input.files[0]?.etag : null,
    },
    model: { name: job.model, version: job.modelVersion, sha256: job.modelSha256 },
    ...mixedOf(job),
    lanes: lanesOf(job, attempts),
    variants: distinct(footers, ({ variant }) => variant),
    providers: distinct(footers, ({ provider }) => provider),
    devices: distinct(footers, ({ device }) => device),
    runtimes: distinct(footers, ({ runtime }) => runtime),
    usage: {
      tokens: sum(footers, ({ tokens }) => tokens),
      inference_seconds: seconds(sum(footers, ({ inferenceMillis }) => inferenceMillis)),
      /** Repeated work of attempts that were killed or came second; an estimate from above. */
      lost_seconds: seconds(lostMillis(attempts, footers)),
      attempts: attempts.length,
    },
    cost: await costOf(ports, { job, attempts, footers }),
    cells: parts.length,
    created_at: job.createdAt,
  };
}

/**
 * What AWS would have charged for the tries so far, as the ledger has it once the job has ended: the
 * merging one is counted until now, and nothing comes after it but the merge.
 */
async function costOf(
  { rates, clock }: OutputPorts,
  work: {
    readonly job: JobRecord;
    readonly attempts: readonly Attempt[];
    readonly footers: readonly PartFooter[];
  },
) {
  const known = await rates?.();
  if (known === undefined) return { usd: null, basis: 'not priced: no prices of the region' };
  const { id, tenant, model, lane } = work.job;
  const endedAtMillis = clock.epochMillis();
  const { attempts, footers } = work;
  const rows = attemptRows({ id, tenant, model, lane, endedAtMillis, attempts, footers }, known);
  const usd = totalUsd(rows).toNumber();
  const basis = `estimate: the workers' time at list prices of ${known.region}, until the merge`;
  return { usd, basis };
}

/** Every model file of a mixed job, for its lines name variants alone. */
function mixedOf({ mixed }: JobRecord) {
  if (mixed === undefined) return {};
  return { mixed: mixed.map(({ variant, sha256 }) => ({ variant, sha256 })) };
}

/** Where it ran; a try of which that was not written down ran in the job's lane. */
function lanesOf(job: JobRecord, attempts: readonly Attempt[]): string[] {
  return [...new Set([job.lane, ...attempts.map(({ lane }) => lane ?? job.lane)])].sort();
}

function seconds(millis: number): number {
  return Math.round(millis) / 1000;
}

function distinct(footers: readonly PartFooter[], pick: (footer: PartFooter) => string): string[] {
  return [...new Set(footers.map(pick))].sort();
}

function sum(footers: readonly PartFooter[], pick: (footer: PartFooter) => number): number {
  return footers.reduce((total, footer) => total + pick(footer), 0);
}
