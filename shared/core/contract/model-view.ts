import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';
import { taskSchema } from '../models/model-manifest.ts';
import { answererSchema } from './escalation.ts';
import { laneSchema } from './lane.ts';

/** One entry of `GET /models`. */
export const modelViewSchema = z.object({
  name: z.string().describe('What requests name as `model`.'),
  version: z.string(),
  task: taskSchema,
  labels: z.array(z.string()).describe('Every label it may give; none for embeddings.'),
  token_limit: z.int().positive().describe('Longer texts are cut; answers then say `truncated`.'),
  variants: z
    .array(
      z.object({
        name: z.string(),
        sha256: z.string(),
        independent_of_neighbours: z
          .boolean()
          .describe('False where an answer would change with the other items of its batch.'),
      }),
    )
    .describe('Files of the model, one per kind of processor.'),
  lanes: z
    .array(
      z.object({
        lane: laneSchema,
        available: z.boolean(),
        reason: z.exactOptional(z.string()).describe('Why it cannot run there.'),
      }),
    )
    .describe('Where it can run.'),
  serving: z
    .object({ variant: z.string(), provider: z.string(), runtime: z.string() })
    .nullable()
    .describe('What requests are answered with; null until it is loaded.'),
  warnings: z.array(z.string()),
  escalation: z
    .exactOptional(z.object({ threshold: z.number(), by: answererSchema }))
    .describe('Who is asked about answers to requests whose best score is below the threshold.'),
});
export type ModelDescription = DeepReadonly<z.infer<typeof modelViewSchema>>;

/** Body of `GET /models`. */
export const modelListSchema = z.object({ models: z.array(modelViewSchema) });
