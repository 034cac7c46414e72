import { lostMillis } from '#core/jobs/attempt-record.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { PartFooter } from '#core/jobs/part-format.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { CheckedPart } from './check-parts.ts';
import { readAttempts } from './record-attempt.ts';

/** What manifest.json says about how the output came to be; counts and checksums are added to it. */
export async function describeOutput(
  objectStore: ObjectStore,
  job: JobRecord,
  parts: readonly CheckedPart[],
) {
  const attempts = await readAttempts(objectStore, job.id);
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
    lanes: [job.lane],
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
    cost: { usd: 0, basis: 'not priced: no price catalogue is set' },
    cells: parts.length,
    created_at: job.createdAt,
  };
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
