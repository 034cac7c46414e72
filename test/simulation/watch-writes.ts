import { outputFiles } from '#core/jobs/job-keys.ts';
import type { OnChange, SimulatedBucket } from './simulated-bucket.ts';

/** Keys that are written once and then stand: no second write, no removal. */
const STANDING =
  /^work\/jobs\/[^/]+\/(job\.json|plan\.json|end.*|cancel.*|input.*|parts\/.*|done\/.*|submissions\/.*)$|\/(results\.jsonl|errors\.jsonl|_SUCCESS)$/;

/** Checks every write in the instant in which it takes effect. */
export function watchWrites(options: {
  readonly bucket: () => SimulatedBucket;
  /** Job of the worker of that name, or undefined for other processes. */
  readonly jobOfWriter: (writer: string) => string | undefined;
  readonly violate: (what: string) => void;
}): OnChange {
  const { violate } = options;
  return ({ key, before, after, writer }) => {
    if (before !== undefined && STANDING.test(key)) {
      violate(`${writer} ${after === undefined ? 'removed' : 'replaced'} ${key}`);
    }
    if (!isPlaced(options.bucket(), key, { writer, jobId: options.jobOfWriter(writer) })) {
      violate(`${writer} wrote ${key}, outside its job`);
    }
    if (key.endsWith(`/${outputFiles.success}`)) checkSuccess(options.bucket(), key, violate);
  };
}

function isPlaced(
  bucket: SimulatedBucket,
  key: string,
  { writer, jobId }: { readonly writer: string; readonly jobId: string | undefined },
): boolean {
  if (writer === 'user') return true;
  return jobId === undefined ? isOurs(key) : belongsTo(bucket, key, jobId);
}

/** The user's folders aside, everything carries the id of a job or lies in the output of one. */
function isOurs(key: string): boolean {
  return /^work\/.*job_[0-9a-z]{26}|^work\/outputs\/|^bucket\/outbox\/[^/]+\/[^/]+\//.test(key);
}

function belongsTo(bucket: SimulatedBucket, key: string, jobId: string): boolean {
  if (key.startsWith('work/') && key.includes(jobId)) return true;
  return key.startsWith(readRecord(bucket, `work/jobs/${jobId}/job.json`)?.output?.prefix ?? '?');
}

/** `_SUCCESS` says that everything else is there. */
function checkSuccess(bucket: SimulatedBucket, key: string, violate: (what: string) => void): void {
  const prefix = key.slice(0, -outputFiles.success.length);
  for (const file of [outputFiles.results, outputFiles.errors, outputFiles.manifest]) {
    if (bucket.peek(prefix + file) === undefined) violate(`${key} came before ${file}`);
  }
  const jobId = readRecord(bucket, `${prefix}${outputFiles.manifest}`)?.job_id ?? '';
  const ends = bucket.keys(`work/jobs/${jobId}/end`).map((end) => readRecord(bucket, end)?.status);
  if (!ends.includes('completed')) violate(`${key} was written while the job is ${ends}`);
}

interface LooseRecord {
  readonly output?: { readonly prefix?: string };
  readonly job_id?: string;
  readonly status?: string;
}

function readRecord(bucket: SimulatedBucket, key: string): LooseRecord | undefined {
  const bytes = bucket.peek(key)?.bytes;
  return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString());
}
