import { delimiter } from 'node:path';
import * as z from 'zod';
import { type Lane, laneSchema } from '#core/contract/lane.ts';
import { providerSchema } from '#core/models/provider.ts';
import type { WorkerStore } from './open-worker-store.ts';

/** What a worker is told, in AWS Batch's names where Batch has one. */
const environmentSchema = z.object({
  /** Folder of the object store; without it the two buckets are named. */
  SWITCHYARD_DATA: z.string().min(1).optional(),
  SWITCHYARD_DATA_BUCKET: z.string().min(1).optional(),
  SWITCHYARD_WORK_BUCKET: z.string().min(1).optional(),
  /** Base URL of another S3 implementation, as the SDK's own variables name it. */
  AWS_ENDPOINT_URL: z.url().optional(),
  AWS_ENDPOINT_URL_S3: z.url().optional(),
  /** Folders with model bundles, joined as in PATH. */
  SWITCHYARD_MODELS: z.string().min(1),
  SWITCHYARD_JOB: z.string().min(1),
  SWITCHYARD_PROVIDER: providerSchema,
  SWITCHYARD_SUBMISSION: z.string().default('direct'),
  /** Workers of the submission in all its pools, and how many are in the pools before this one's. */
  SWITCHYARD_ARRAY_SIZE: z.coerce.number().int().min(1).default(1),
  SWITCHYARD_ARRAY_OFFSET: z.coerce.number().int().min(0).default(0),
  /** Where this worker runs, where its submission has workers in several lanes. */
  SWITCHYARD_LANE: laneSchema.optional(),
  /** `1` where workers of an earlier submission may live: their claims are left to them. */
  SWITCHYARD_BESIDE: z.literal('1').optional(),
  /** Set by AWS Lambda: MB that each second of a fleet worker is billed with. */
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: z.coerce.number().int().min(1).optional(),
  /** So many workers of the submission, the first ones, are waited for: they do better. */
  SWITCHYARD_LEAVES_TO: z.coerce.number().int().min(1).optional(),
  SWITCHYARD_GENERATION: z.coerce.number().int().min(0).default(0),
  /** Instance metadata service; unset where there is none, as on one machine. */
  SWITCHYARD_METADATA_URL: z.url().optional(),
  SWITCHYARD_METADATA_POLL_MILLIS: z.coerce.number().int().min(10).max(60_000).default(5_000),
  /** Time from a signal to the exit. A container that is stopped has 30 s. */
  SWITCHYARD_DRAIN_MILLIS: z.coerce.number().int().min(0).max(120_000).default(25_000),
  /** For rehearsals only: each cell waits so long before it is committed. */
  SWITCHYARD_SLOW_MILLIS_PER_CELL: z.coerce.number().int().min(0).max(600_000).default(0),
  AWS_BATCH_JOB_ARRAY_INDEX: z.coerce.number().int().min(0).default(0),
  AWS_BATCH_JOB_ATTEMPT: z.coerce.number().int().min(1).default(1),
});

export interface JobEnvironment {
  readonly store: WorkerStore;
  readonly modelFolders: readonly string[];
  readonly jobId: string;
  readonly provider: z.infer<typeof providerSchema>;
  readonly submission: string;
  readonly arraySize: number;
  readonly lane: Lane | undefined;
  readonly beside: boolean;
  readonly leavesTo: number | undefined;
  readonly memoryMib: number | undefined;
  readonly generation: number;
  readonly metadataUrl: string | undefined;
  readonly metadataPollMillis: number;
  readonly drainMillis: number;
  readonly slowMillisPerCell: number;
  readonly arrayIndex: number;
  readonly attempt: number;
}

/** Reads the worker's settings; a text of what is wrong where they cannot be used. */
export function readJobEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): JobEnvironment | { readonly problem: string } {
  const parsed = environmentSchema.safeParse(variables);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    return { problem: problems.join('; ') };
  }
  const settings = parsed.data;
  const store = storeOf(settings);
  if (store === undefined) {
    return {
      problem: 'set SWITCHYARD_DATA, or SWITCHYARD_DATA_BUCKET and SWITCHYARD_WORK_BUCKET',
    };
  }
  return {
    store,
    modelFolders: settings.SWITCHYARD_MODELS.split(delimiter).filter((folder) => folder !== ''),
    jobId: settings.SWITCHYARD_JOB,
    provider: settings.SWITCHYARD_PROVIDER,
    submission: settings.SWITCHYARD_SUBMISSION,
    arraySize: settings.SWITCHYARD_ARRAY_SIZE,
    lane: settings.SWITCHYARD_LANE,
    beside: settings.SWITCHYARD_BESIDE !== undefined,
    leavesTo: settings.SWITCHYARD_LEAVES_TO,
    memoryMib: settings.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    generation: settings.SWITCHYARD_GENERATION,
    metadataUrl: settings.SWITCHYARD_METADATA_URL,
    metadataPollMillis: settings.SWITCHYARD_METADATA_POLL_MILLIS,
    drainMillis: settings.SWITCHYARD_DRAIN_MILLIS,
    slowMillisPerCell: settings.SWITCHYARD_SLOW_MILLIS_PER_CELL,
    arrayIndex: settings.SWITCHYARD_ARRAY_OFFSET + settings.AWS_BATCH_JOB_ARRAY_INDEX,
    attempt: settings.AWS_BATCH_JOB_ATTEMPT,
  };
}

function storeOf(settings: z.infer<typeof environmentSchema>): WorkerStore | undefined {
  const { SWITCHYARD_DATA: folder, SWITCHYARD_DATA_BUCKET: data } = settings;
  if (folder !== undefined) return { kind: 'folder', folder };
  const work = settings.SWITCHYARD_WORK_BUCKET;
  if (data === undefined || work === undefined) return undefined;
  const endpoint = settings.AWS_ENDPOINT_URL_S3 ?? settings.AWS_ENDPOINT_URL;
  return { kind: 'buckets', data, work, endpoint };
}
