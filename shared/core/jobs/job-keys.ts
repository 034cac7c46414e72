/**
 * Where a job keeps what, as object keys. `job.json` is written once; everything later is written
 * beside it, and the state shown to users is derived from what is there.
 */
export const jobKeys = {
  record: (jobId: string) => `work/jobs/${jobId}/job.json`,
  /** Inline items, or the pinned copies of files. */
  input: (jobId: string) => `work/jobs/${jobId}/input`,
  /** The list of an input's many files, written before the job.json that names it. */
  fileList: (jobId: string, sha256: string) =>
    `work/jobs/${jobId}/files-${sha256.slice(0, 16)}.json`,
  plan: (jobId: string) => `work/jobs/${jobId}/plan.json`,
  /** Where a plan may stand: it is made again at the next place where the one before is damaged. */
  planPlaces: (jobId: string) =>
    ['', '-1', '-2'].map((suffix) => `work/jobs/${jobId}/plan${suffix}.json`),
  planSummary: (jobId: string) => `work/jobs/${jobId}/plan-summary.json`,
  /** Run 0 is the first; run n is that of the n-th resume. Each has its own wish to be cancelled. */
  cancel: (jobId: string, run = 0) => `work/jobs/${jobId}/cancel${runSuffix(run)}.json`,
  /** Once it is there, the job's workers run on demand where they were planned on spot. */
  leftSpot: (jobId: string) => `work/jobs/${jobId}/left-spot.json`,
  /** The one terminal record of a run: completed, failed or cancelled, whichever was first. */
  end: (jobId: string, run = 0) => `work/jobs/${jobId}/end${runSuffix(run)}.json`,
  runs: (jobId: string) => `work/jobs/${jobId}/runs/`,
  run: (jobId: string, run: number) => `work/jobs/${jobId}/runs/${digits(run, 6)}`,
  attempts: (jobId: string) => `work/jobs/${jobId}/attempts/`,
  attempt: (jobId: string, attemptName: string, moment: 'started' | 'ended') =>
    `work/jobs/${jobId}/attempts/${attemptName}/${moment}`,
  /** One record per round in which a merger found damaged parts and had their cells done again. */
  repairs: (jobId: string) => `work/jobs/${jobId}/repairs/`,
  repair: (jobId: string, round: number) => `work/jobs/${jobId}/repairs/${digits(round, 3)}`,
  /** Joined lines of the first committed cells, for readers who do not wait for the end. */
  partial: (jobId: string, name: string) => `work/jobs/${jobId}/partial/${name}`,
  /** Pieces of an output file in another format, until they are joined. */
  derived: (jobId: string, format: string) => `work/jobs/${jobId}/derived/${format}/`,
  webhookOutcome: (jobId: string, run: number) =>
    `work/jobs/${jobId}/webhook${runSuffix(run)}.json`,
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
  /** A run has its own mark, so that whoever finishes the run before cannot take it away. */
  active: (jobId: string, run = 0) =>
    `work/active/${jobId}${run === 0 ? '' : `.${digits(run, 6)}`}`,
  /** Ends whose receiver has not been told yet. */
  pendingWebhooks: 'work/webhooks/',
  pendingWebhook: (jobId: string, run: number) => `work/webhooks/${jobId}.${digits(run, 6)}`,
  /** Ended jobs in the order in which something of them falls due for removal. */
  expiries: 'work/expiry/',
  expiry: (dueAtMillis: number, jobId: string) => `work/expiry/${digits(dueAtMillis, 16)}-${jobId}`,
  indexes: 'work/index/',
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

/** The job id at the end of an index, expiry, webhook or active key. */
export function jobIdOf(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const isTimed = key.startsWith('work/index/') || key.startsWith(jobKeys.expiries);
  return (isTimed ? name.slice(17) : name).split('.', 1)[0] ?? '';
}

/** The run that an active or webhook key is of. */
export function runOf(key: string): number {
  const suffix = key.slice(key.lastIndexOf('/') + 1).split('.')[1];
  return suffix === undefined ? 0 : Number(suffix);
}

/** The time of an expiry key, milliseconds since 1970. */
export function dueAtMillisOf(key: string): number {
  return Number(key.slice(jobKeys.expiries.length).slice(0, 16));
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

function runSuffix(run: number): string {
  return run === 0 ? '' : `-${digits(run, 6)}`;
}

function digits(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
