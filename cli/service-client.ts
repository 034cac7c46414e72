import type { z } from 'zod';
import { defaultLimits, type Limits } from '#core/contract/limits.ts';
import { brokenAnswer } from './broken-answer.ts';
import { callService, type ServiceCall } from './call-service.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import {
  type JobAnswer,
  type JobListAnswer,
  jobAnswerSchema,
  jobListAnswerSchema,
  limitsAnswerSchema,
  type PredictAnswer,
  predictAnswerSchema,
} from './service-answers.ts';

/** A running service. Every method throws {@link CliError} with what the service or the network said. */
export interface ServiceClient {
  readonly url: string;
  limits(): Promise<Limits>;
  predict(body: unknown): Promise<PredictAnswer>;
  /** The same key with the same body gives the same job; `isRepeated` says that it was there. */
  createJob(
    body: unknown,
    idempotencyKey: string,
  ): Promise<{ readonly job: JobAnswer; readonly isRepeated: boolean }>;
  getJob(id: string, stop?: AbortSignal): Promise<JobAnswer>;
  /** Newest first, at most 100. */
  listJobs(limit: number): Promise<JobListAnswer>;
  /** The JSONL of a finished job, unread; a redirect is followed. */
  openOutput(id: string, part: 'results' | 'errors'): Promise<Response>;
}

const callMillis = 30_000;
/** The service copies the input before it accepts the job, and copies of whole files take a while. */
const createJobMillis = 280_000;

export function createServiceClient(url: string): ServiceClient {
  return {
    url,
    limits: async () => {
      const answer = await ask(url, limitsAnswerSchema, { path: 'limits' });
      return {
        ...defaultLimits,
        bodyBytes: answer.body_bytes,
        textUnits: answer.text_units,
        requestItems: answer.request_items,
        jsonDepth: answer.json_depth,
        lineBytes: answer.line_bytes,
      };
    },
    predict: (body) =>
      ask(url, predictAnswerSchema, { path: 'predict', body: JSON.stringify(body) }),
    createJob: async (body, idempotencyKey) => {
      const response = await callService(url, {
        path: 'jobs',
        body: JSON.stringify(body),
        headers: { 'idempotency-key': idempotencyKey },
        timeoutMillis: createJobMillis,
      });
      const isRepeated = response.headers.get('idempotency-replayed') === 'true';
      return { job: await readAnswer(url, jobAnswerSchema, response), isRepeated };
    },
    getJob: (id, stop) => ask(url, jobAnswerSchema, { path: jobPath(id), stop }),
    listJobs: (limit) => ask(url, jobListAnswerSchema, { path: `jobs?limit=${limit}` }),
    openOutput: async (id, part) => {
      const response = await callService(url, { path: `${jobPath(id)}/${part}` });
      const location = response.headers.get('location');
      if (response.status !== 303 || location === null) return response;
      await response.body?.cancel();
      const target = new URL(location, `${url}/`);
      return await callService(target.origin, { path: `${target.pathname}${target.search}` });
    },
  };
}

function jobPath(id: string): string {
  return `jobs/${encodeURIComponent(id)}`;
}

async function ask<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  call: ServiceCall,
): Promise<z.infer<Schema>> {
  const response = await callService(url, { timeoutMillis: callMillis, ...call });
  return await readAnswer(url, schema, response);
}

async function readAnswer<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  response: Response,
): Promise<z.infer<Schema>> {
  const text = await response.text().catch((cause: unknown) => {
    throw brokenAnswer(url, cause);
  });
  const parsed = schema.safeParse(parseOrUndefined(text));
  if (parsed.success) return parsed.data;
  throw new CliError(
    exitCodes.refused,
    'unknown_answer',
    `${url} answered ${response.status} with something that is no answer of Switchyard`,
    { remedy: 'Something else may answer at this address; check --url.', cause: parsed.error },
  );
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
