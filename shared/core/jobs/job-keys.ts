/**
 * Where a job keeps what, as object keys. `job.json` is written once; everything later is written
 * beside it, and the state shown to users is derived from what is there.
 */
export const jobKeys = {
  record: (jobId: string) => `work/jobs/${jobId}/job.json`,
  /** Inline items, or the pinned copies of files. */
  input: (jobId: string) => `work/jobs/${jobId}/input`,
  plan: (jobId: string) => `work/jobs/${jobId}/plan.json`,
  cancel: (jobId: string) => `work/jobs/${jobId}/cancel.json`,
  /** The one terminal record: completed, failed or cancelled, whichever was first. */
  end: (jobId: string) => `work/jobs/${jobId}/end.json`,
  claims: (jobId: string, unit: string) => `work/jobs/${jobId}/claims/${unit}/`,
  claim: (jobId: string, unit: string, epoch: number) =>
    `work/jobs/${jobId}/claims/${unit}/${digits(epoch, 6)}`,
  shardParts: (jobId: string, shard: number) => `work/jobs/${jobId}/parts/${digits(shard, 5)}/`,
  part: (jobId: string, cell: CellPlace & { readonly shard: number }) =>
    `work/jobs/${jobId}/parts/${digits(cell.shard, 5)}/${cellNameOf(cell)}`,
  dones: (jobId: string) => `work/jobs/${jobId}/done/`,
  done: (jobId: string, shard: number) => `work/jobs/${jobId}/done/${digits(shard, 5)}`,
  submissions: (jobId: string) => `work/jobs/${jobId}/submissions/`,
  submission: (jobId: string, ordinal: number) =>
    `work/jobs/${jobId}/submissions/${digits(ordinal, 6)}`,
  actives: 'work/active/',
  active: (jobId: string) => `work/active/${jobId}`,
  indexOf: (tenant: string) => `work/index/${tenant}/`,
  /** Newest first: the time is inverted, so that a plain listing starts with the latest job. */
  index: (tenant: string, createdAtMillis: number, jobId: string) =>
    `work/index/${tenant}/${digits(MAX_TIME_MILLIS - createdAtMillis, 16)}-${jobId}`,
  /** Which job owns an output folder, so that a second drop of one name gets its own. */
  outputOwner: (outputPrefix: string) => `work/outputs/${outputPrefix}owner.json`,
} as const;

/** Names of the units that are claimed besides the shards. */
export const planUnit = 'plan';
export const mergeUnit = 'merge';
export function shardUnit(shard: number): string {
  return `shard-${digits(shard, 5)}`;
}

/** Files of a finished job, below its output prefix. */
export const outputFiles = {
  results: 'results.jsonl',
  errors: 'errors.jsonl',
  manifest: 'manifest.json',
  success: '_SUCCESS',
  failed: '_FAILED',
} as const;

/** The job id at the end of an index or active key. */
export function jobIdOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  return key.startsWith('work/index/') ? name.slice(17) : name;
}

interface CellPlace {
  readonly file: number;
  readonly startPosition: number;
}

/** Last segment of a cell's part: sorts in the order of the input. */
export function cellNameOf(cell: CellPlace): string {
  return `${digits(cell.file, 6)}-${digits(cell.startPosition, 16)}`;
}

// Largest time of ECMAScript (8.64e15 ms) has 16 digits, so inverted times keep their width.
const MAX_TIME_MILLIS = 8_640_000_000_000_000;

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
