import { delimiter } from 'node:path';
import { z } from 'zod';
import { providerSchema } from '#core/jobs/job-record.ts';

/** What a worker is told, in AWS Batch's names where Batch has one. */
const environmentSchema = z.object({
  /** Folder of the object store. */
  SWITCHYARD_DATA: z.string().min(1),
  /** Folders with model bundles, joined as in PATH. */
  SWITCHYARD_MODELS: z.string().min(1),
  SWITCHYARD_JOB: z.string().min(1),
  SWITCHYARD_PROVIDER: providerSchema,
  SWITCHYARD_SUBMISSION: z.string().default('direct'),
  SWITCHYARD_ARRAY_SIZE: z.coerce.number().int().min(1).default(1),
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
  readonly dataFolder: string;
  readonly modelFolders: readonly string[];
  readonly jobId: string;
  readonly provider: z.infer<typeof providerSchema>;
  readonly submission: string;
  readonly arraySize: number;
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
  return {
    dataFolder: settings.SWITCHYARD_DATA,
    modelFolders: settings.SWITCHYARD_MODELS.split(delimiter).filter((folder) => folder !== ''),
    jobId: settings.SWITCHYARD_JOB,
    provider: settings.SWITCHYARD_PROVIDER,
    submission: settings.SWITCHYARD_SUBMISSION,
    arraySize: settings.SWITCHYARD_ARRAY_SIZE,
    generation: settings.SWITCHYARD_GENERATION,
    metadataUrl: settings.SWITCHYARD_METADATA_URL,
    metadataPollMillis: settings.SWITCHYARD_METADATA_POLL_MILLIS,
    drainMillis: settings.SWITCHYARD_DRAIN_MILLIS,
    slowMillisPerCell: settings.SWITCHYARD_SLOW_MILLIS_PER_CELL,
    arrayIndex: settings.AWS_BATCH_JOB_ARRAY_INDEX,
    attempt: settings.AWS_BATCH_JOB_ATTEMPT,
  };
}
