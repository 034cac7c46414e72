import * as z from 'zod';
import { jobStatusSchema } from '#core/contract/job-view.ts';

// What this program reads of the answers. Everything else in them is kept for --json, so that a
// newer service can say more.

export const jobAnswerSchema = z.looseObject({
  id: z.string(),
  status: jobStatusSchema,
  model: z.string(),
  input: z.string(),
  counts: z.looseObject({ total: z.number(), completed: z.number(), failed: z.number() }),
  rows_per_second: z.number().nullable(),
  eta_seconds: z.number().nullable(),
  created_at: z.string(),
  finished_at: z.string().nullable(),
  output: z.string().nullable(),
  error: z.looseObject({ code: z.string(), detail: z.string() }).nullable(),
  /** `startsAt` where a budget makes it wait. */
  route: z.looseObject({ startsAt: z.string().optional() }).optional(),
});
export type JobAnswer = z.infer<typeof jobAnswerSchema>;

export const jobListAnswerSchema = z.looseObject({
  jobs: z.array(jobAnswerSchema),
  next: z.string().nullable(),
});
export type JobListAnswer = z.infer<typeof jobListAnswerSchema>;

export const predictAnswerSchema = z.looseObject({
  label: z.string().optional(),
  score: z.number().optional(),
  scores: z.array(z.looseObject({ label: z.string(), score: z.number() })).optional(),
  embedding: z.array(z.number()).optional(),
  truncated: z.boolean(),
});
export type PredictAnswer = z.infer<typeof predictAnswerSchema>;

export const limitsAnswerSchema = z.looseObject({
  body_bytes: z.int(),
  text_units: z.int(),
  request_items: z.int(),
  json_depth: z.int(),
  line_bytes: z.int(),
});

export const quotesAnswerSchema = z.looseObject({
  items: z.number(),
  tokens: z.number(),
  tokensError: z.number(),
  quotes: z.array(
    z.looseObject({
      deadlineMs: z.number(),
      onTime: z.boolean(),
      reason: z.string(),
      budget: z.looseObject({ effect: z.string(), resets_at: z.string() }).optional(),
      plan: z
        .looseObject({
          lanes: z.array(z.string()),
          workers: z.number(),
          finishSeconds: z.number(),
          chance: z.number(),
          usd: z.number(),
        })
        .nullable(),
    }),
  ),
  assumptions: z.array(z.string()),
  rehearsal: z.string().optional(),
});
export type QuotesAnswer = z.infer<typeof quotesAnswerSchema>;

export const reconcileAnswerSchema = z.looseObject({
  active: z.int(),
  ended: z.int(),
  submitted: z.int(),
  troubled: z.int(),
});
export type ReconcileAnswer = z.infer<typeof reconcileAnswerSchema>;

export const uploadAnswerSchema = z.object({
  method: z.literal('PUT'),
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  expires_at: z.string(),
  input: z.string(),
});
