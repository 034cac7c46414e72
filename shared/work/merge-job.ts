import { createHash } from 'node:crypto';
import { cellNameOf, mergeUnit, outputFiles } from '#core/jobs/job-keys.ts';
import { cellsOf, type JobPlan } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { PartFooter } from '#core/jobs/part-format.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectSegment, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { Claimer } from './claim-unit.ts';
import { endJob, readEnd } from './end-job.ts';
import { listParts, readPartFooter } from './job-parts.ts';
import { mapConcurrently } from './map-concurrently.ts';
import { encodeJson } from './read-json-object.ts';

interface MergePorts {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
}

/** S3 answers a read in tens of milliseconds; 16 at a time hide that without flooding it. */
const READS_IN_FLIGHT = 16;

interface PlannedPart {
  readonly key: string;
  readonly footer: PartFooter;
}

/**
 * Joins the parts of a job whose shards are all done into results.jsonl and errors.jsonl, then writes
 * manifest, terminal record and `_SUCCESS`. Does nothing while somebody else is at it. Refuses, with
 * `corrupt_object`, parts that do not tile the input.
 */
export async function mergeJob(
  ports: MergePorts,
  work: { readonly job: JobRecord; readonly plan: JobPlan },
  claimer: Claimer,
): Promise<void> {
  const { job, plan } = work;
  const claim = await claimer.tryClaim(mergeUnit);
  if (claim === undefined) return;
  try {
    if ((await readEnd(ports.objectStore, job.id)) !== undefined) return;
    const parts = await checkedParts(ports.objectStore, job, plan);
    const results = await join(ports.objectStore, job.output.prefix + outputFiles.results, {
      segments: parts.map(resultsSegment),
      rows: sum(parts, (footer) => footer.results.rows),
    });
    const errors = await join(ports.objectStore, job.output.prefix + outputFiles.errors, {
      segments: parts.map(errorsSegment),
      rows: sum(parts, (footer) => footer.errors.rows),
    });
    const counts = { total: plan.rows, completed: results.rows, failed: errors.rows };
    const manifest = { ...describeRun(job, parts), counts, results, errors };
    await ports.objectStore.put(job.output.prefix + outputFiles.manifest, encodeJson(manifest));
    await endJob(ports, job, { status: 'completed', counts, error: null });
  } finally {
    await claim.release();
  }
}

async function checkedParts(
  objectStore: ObjectStore,
  job: JobRecord,
  plan: JobPlan,
): Promise<PlannedPart[]> {
  const shards = await mapConcurrently(plan.shards, READS_IN_FLIGHT, async (_, shard) => {
    const heads = await listParts(objectStore, job.id, shard);
    return cellsOf(plan, shard).map((cell) => ({ cell, head: heads.get(cellNameOf(cell)) }));
  });
  return mapConcurrently(shards.flat(), READS_IN_FLIGHT, async ({ cell, head }) => {
    if (head === undefined) throw doesNotTile(`cell ${cellNameOf(cell)} has no part`);
    const footer = await readPartFooter(objectStore, head);
    const rows = footer.results.rows + footer.errors.rows;
    const fits =
      footer.file === cell.file &&
      footer.startPosition === cell.startPosition &&
      footer.endPosition === cell.endPosition &&
      footer.firstIndex === cell.firstIndex &&
      rows === cell.rows &&
      footer.modelSha256 === job.modelSha256;
    if (!fits) throw doesNotTile(`the part of ${cellNameOf(cell)} is of another cell or model`);
    return { key: head.key, footer };
  });
}

function doesNotTile(reason: string): SwitchyardError {
  return new SwitchyardError('corrupt_object', `the parts do not tile the input: ${reason}`);
}

function resultsSegment({ key, footer }: PlannedPart): ObjectSegment {
  return { key, range: { startByte: 0, endByte: footer.results.sizeBytes } };
}

function errorsSegment({ key, footer }: PlannedPart): ObjectSegment {
  const startByte = footer.results.sizeBytes;
  return { key, range: { startByte, endByte: startByte + footer.errors.sizeBytes } };
}

/** Joins, or adopts what an earlier merger joined after checking that it is the same. */
async function join(
  objectStore: ObjectStore,
  key: string,
  output: { readonly segments: readonly ObjectSegment[]; readonly rows: number },
): Promise<{ rows: number; size_bytes: number; sha256: string }> {
  const segments = output.segments.filter(({ range }) => range?.startByte !== range?.endByte);
  await objectStore.concatenateIfAbsent(key, segments);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of objectStore.stream(key)) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  const expectedBytes = segments.reduce(
    (total, { range }) => total + (range === undefined ? 0 : range.endByte - range.startByte),
    0,
  );
  if (sizeBytes !== expectedBytes) {
    const detail = `${key} has ${sizeBytes} bytes instead of ${expectedBytes}; something else wrote it: move it away and the job finishes`;
    throw new SwitchyardError('corrupt_object', detail);
  }
  return { rows: output.rows, size_bytes: sizeBytes, sha256: hash.digest('hex') };
}

function describeRun(job: JobRecord, parts: readonly PlannedPart[]) {
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
    variants: distinct(parts, (footer) => footer.variant),
    providers: distinct(parts, (footer) => footer.provider),
    devices: distinct(parts, (footer) => footer.device),
    runtimes: distinct(parts, (footer) => footer.runtime),
    usage: {
      tokens: sum(parts, (footer) => footer.tokens),
      inference_seconds: sum(parts, (footer) => footer.inferenceMillis) / 1000,
    },
    cells: parts.length,
    created_at: job.createdAt,
  };
}

function distinct(parts: readonly PlannedPart[], pick: (footer: PartFooter) => string): string[] {
  return [...new Set(parts.map(({ footer }) => pick(footer)))].sort();
}

function sum(parts: readonly PlannedPart[], pick: (footer: PartFooter) => number): number {
  return parts.reduce((total, { footer }) => total + pick(footer), 0);
}
