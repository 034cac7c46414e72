import type { z } from 'zod';
import { COMPLETE_HEADER } from '#core/contract/job-part-query.ts';
import { defaultLimits, type Limits } from '#core/contract/limits.ts';
import type { UploadRequest, UploadView } from '#core/contract/upload.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { brokenAnswer } from './broken-answer.ts';
import { callService, type ServiceCall } from './call-service.ts';
import {
  type JobAnswer,
  type JobListAnswer,
  jobAnswerSchema,
  jobListAnswerSchema,
  limitsAnswerSchema,
  type PredictAnswer,
  predictAnswerSchema,
  type QuotesAnswer,
  quotesAnswerSchema,
  type ReconcileAnswer,
  reconcileAnswerSchema,
  uploadAnswerSchema,
} from './service-answers.ts';

/** A running service. Every method throws {@link CliError} with what the service or the network said. */
export interface ServiceClient {
  readonly url: string;
  limits(): Promise<Limits>;
  predict(body: unknown): Promise<PredictAnswer>;
  /** Time and price of work at several deadlines; nothing is run. */
  quotes(body: unknown): Promise<QuotesAnswer>;
  /** The same key with the same body gives the same job; `isRepeated` says that it was there. */
  createJob(
    body: unknown,
    idempotencyKey: string,
  ): Promise<{ readonly job: JobAnswer; readonly isRepeated: boolean }>;
  /** Where a file of that size and content may be sent. */
  createUpload(body: UploadRequest): Promise<UploadView>;
  getJob(id: string, stop?: AbortSignal): Promise<JobAnswer>;
  cancelJob(id: string): Promise<JobAnswer>;
  /** Refused with `job_not_resumable` for a completed job; harmless for one that is under way. */
  resumeJob(id: string): Promise<JobAnswer>;
  /** One look at every active job, now; only a server on one machine offers it. */
  reconcile(): Promise<ReconcileAnswer>;
  /** Newest first, at most 100. */
  listJobs(limit: number): Promise<JobListAnswer>;
  /** The JSONL of a job, unread; a redirect is followed. `partial` takes what there is so far. */
  openOutput(
    id: string,
    part: 'results' | 'errors',
    options: { readonly partial: boolean },
  ): Promise<{ readonly response: Response; readonly isComplete: boolean }>;
}

const callMillis = 30_000;
/** The service copies the input before it accepts the job, and copies of whole files take a while. */
const createJobMillis = 280_000;

/** @param options.key sent as `Authorization: Bearer …`, to the service only, never to a link it gives */
export function createServiceClient(
  url: string,
  options: { readonly key?: string | undefined } = {},
): ServiceClient {
  const service: Service = {
    url,
    headers: options.key === undefined ? {} : { authorization: `Bearer ${options.key}` },
  };
  return {
    url,
    limits: async () => {
      const answer = await ask(service, limitsAnswerSchema, { path: 'limits' });
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
      ask(service, predictAnswerSchema, { path: 'predict', body: JSON.stringify(body) }),
    quotes: (body) =>
      ask(service, quotesAnswerSchema, { path: 'quotes', body: JSON.stringify(body) }),
    createJob: async (body, idempotencyKey) => {
      const response = await callOf(service, {
        path: 'jobs',
        body: JSON.stringify(body),
        headers: { 'idempotency-key': idempotencyKey },
        timeoutMillis: createJobMillis,
      });
      const isRepeated = response.headers.get('idempotency-replayed') === 'true';
      return { job: await readAnswer(url, jobAnswerSchema, response), isRepeated };
    },
    createUpload: (body) =>
      ask(service, uploadAnswerSchema, { path: 'uploads', body: JSON.stringify(body) }),
    getJob: (id, stop) => ask(service, jobAnswerSchema, { path: jobPath(id), stop }),
    cancelJob: (id) => ask(service, jobAnswerSchema, { path: jobPath(id), method: 'DELETE' }),
    resumeJob: (id) =>
      ask(service, jobAnswerSchema, { path: `${jobPath(id)}/resume`, method: 'POST' }),
    reconcile: () =>
      ask(service, reconcileAnswerSchema, { path: './jobs:reconcile', method: 'POST' }),
    listJobs: (limit) => ask(service, jobListAnswerSchema, { path: `jobs?limit=${limit}` }),
    openOutput: async (id, part, { partial }) => {
      const query = partial ? '?partial=true' : '';
      const response = await callOf(service, { path: `${jobPath(id)}/${part}${query}` });
      const isComplete = response.headers.get(COMPLETE_HEADER) !== 'false';
      const location = response.headers.get('location');
      if (response.status !== 303 || location === null) return { response, isComplete };
      await response.body?.cancel();
      const target = new URL(location, `${url}/`);
      const path = `${target.pathname}${target.search}`;
      return { response: await callService(target.origin, { path }), isComplete };
    },
  };
}

function jobPath(id: string): string {
  return `jobs/${encodeURIComponent(id)}`;
}

interface Service {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

function callOf({ url, headers }: Service, call: ServiceCall): Promise<Response> {
  return callService(url, { ...call, headers: { ...headers, ...call.headers } });
}

async function ask<Schema extends z.ZodType>(
  service: Service,
  schema: Schema,
  call: ServiceCall,
): Promise<z.infer<Schema>> {
  const response = await callOf(service, { timeoutMillis: callMillis, ...call });
  return await readAnswer(service.url, schema, response);
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
