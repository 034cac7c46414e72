import type { LaneRates } from '#core/cost/lane-rates.ts';
import { mergeUnit, outputFiles } from '#core/jobs/job-keys.ts';
import type { Cell, JobPlan } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { describeOutput } from '../describe/describe-output.ts';
import { deriveOutput } from '../output/derive-output.ts';
import { encodeJson } from '../records/read-json-object.ts';
import type { Claimer } from '../worker/claim-unit.ts';
import { type CheckedPart, checkParts } from './check-parts.ts';
import { endJob, failJob, type RunningJob, readEnd } from './end-job.ts';
import { joinParts } from './join-parts.ts';
import { repairParts } from './repair-parts.ts';

interface MergePorts {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  /** Prices for the manifest; without them its cost is not given. */
  readonly rates?: () => Promise<LaneRates | undefined>;
}

interface PlannedJob extends RunningJob<JobRecord> {
  readonly plan: JobPlan;
}

/** `repairing`: damaged parts were removed, and their cells have to be done again. */
export type MergeEnd = 'ended' | 'busy' | 'repairing';

/**
 * Joins the parts of a job whose shards are all done into results.jsonl and errors.jsonl, then writes
 * manifest, terminal record and `_SUCCESS`. Any number of mergers at once leave the same files. Parts
 * that are damaged are made missing ones; after three such rounds, and for parts that do not tile the
 * input, the job fails with `corrupt_object`; with `newer_version`, and nothing removed, for parts
 * that this version cannot read.
 */
export async function mergeJob(
  ports: MergePorts,
  work: PlannedJob,
  claimer: Pick<Claimer, 'tryClaim'>,
): Promise<MergeEnd> {
  const claim = await claimer.tryClaim(mergeUnit);
  if (claim === undefined) return 'busy';
  try {
    return await mergeParts(ports, work);
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    // Another merger found damage and removed what this one was reading.
    if (error.code === 'object_not_found') return 'repairing';
    if (error.code !== 'corrupt_object' && error.code !== 'newer_version') throw error;
    await failJob(ports, work, error);
    return 'ended';
  } finally {
    await claim.release();
  }
}

async function mergeParts(ports: MergePorts, work: PlannedJob): Promise<MergeEnd> {
  const { objectStore } = ports;
  const { job, plan, run } = work;
  if ((await readEnd(objectStore, { job, run })) !== undefined) return 'ended';
  const { parts, damaged } = await checkParts(objectStore, job, plan);
  if (damaged.length > 0) return await repair(ports, work, damaged);
  const results = await joinParts(objectStore, job.output.prefix + outputFiles.results, {
    parts,
    section: 'results',
  });
  if (results.kind === 'damaged') return await repair(ports, work, results.cells);
  const errors = await joinParts(objectStore, job.output.prefix + outputFiles.errors, {
    parts,
    section: 'errors',
  });
  if (errors.kind === 'damaged') return await repair(ports, work, errors.cells);
  await finish(ports, work, { parts, results: results.file, errors: errors.file });
  return 'ended';
}

async function finish(
  ports: MergePorts,
  { job, plan, run }: PlannedJob,
  output: {
    readonly parts: readonly CheckedPart[];
    readonly results: { readonly rows: number };
    readonly errors: { readonly rows: number };
  },
): Promise<void> {
  const { parts, results, errors } = output;
  const counts = { total: plan.rows, completed: results.rows, failed: errors.rows };
  const described = await describeOutput(ports, job, parts);
  const derived = await deriveOutput(ports.objectStore, job, results);
  const manifest = encodeJson({ ...described, counts, results, errors, ...derived });
  // The first one stands: another merger may have counted other attempts.
  await ports.objectStore.putIfAbsent(job.output.prefix + outputFiles.manifest, manifest);
  const { validation } = plan;
  const known = validation === undefined ? {} : { validation };
  await endJob(ports, { job, run }, { status: 'completed', counts, error: null, ...known });
}

async function repair(
  ports: MergePorts,
  work: PlannedJob,
  damaged: readonly Cell[],
): Promise<MergeEnd> {
  if (await repairParts(ports, work.job.id, damaged)) return 'repairing';
  throw new SwitchyardError(
    'corrupt_object',
    `${damaged.length} parts are damaged or missing again after three repairs; check the disk of the object store, then resume the job`,
  );
}
