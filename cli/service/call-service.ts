import * as z from 'zod';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

export interface ServiceCall {
  readonly path: string;
  /** @default - POST with a body, GET without */
  readonly method?: 'POST' | 'DELETE';
  /** @default - a GET without a body */
  readonly body?: string;
  /** @default {} */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Longest wait for the whole answer, in milliseconds; undefined for an answer that is streamed.
   *
   * @default - only a connection that stands still ends it, after 5 minutes
   */
  readonly timeoutMillis?: number | undefined;
  /** @default - never given up by the caller */
  readonly stop?: AbortSignal | undefined;
}

/**
 * Sends one call and gives a 2xx or 303 answer, its body unread. Repeats once after a connection
 * reset: every call of this program may be repeated (reads, predictions, keyed submissions). Throws
 * {@link CliError}: `service_unreachable`, `timed_out`, or what the service's problem document says.
 */
export async function callService(baseUrl: string, call: ServiceCall): Promise<Response> {
  const url = new URL(call.path, `${baseUrl}/`);
  const response = await fetchOnce(url, call).catch((error: unknown) => {
    if (!isConnectionReset(error)) throw unreachable(baseUrl, error, call);
    return fetchOnce(url, call).catch((again: unknown) => {
      throw unreachable(baseUrl, again, call);
    });
  });
  if (response.ok || response.status === 303) return response;
  throw await refusal(response);
}

function fetchOnce(url: URL, call: ServiceCall): Promise<Response> {
  const signals = [
    ...(call.stop === undefined ? [] : [call.stop]),
    ...(call.timeoutMillis === undefined ? [] : [AbortSignal.timeout(call.timeoutMillis)]),
  ];
  const isPost = call.body !== undefined;
  return fetch(url, {
    method: call.method ?? (isPost ? 'POST' : 'GET'),
    headers: { ...(isPost ? { 'content-type': 'application/json' } : {}), ...call.headers },
    redirect: 'manual',
    signal: AbortSignal.any(signals),
    ...(isPost ? { body: call.body } : {}),
  });
}

const errorCodeSchema = z.looseObject({ code: z.string() });

function connectionCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return errorCodeSchema.safeParse(cause).data?.code;
}

function isConnectionReset(error: unknown): boolean {
  const code = connectionCode(error);
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'UND_ERR_SOCKET';
}

function unreachable(baseUrl: string, error: unknown, call: ServiceCall): unknown {
  // The caller gave up; what it does then is its own.
  if (call.stop?.aborted === true) return error;
  if (error instanceof Error && error.name === 'TimeoutError') {
    const seconds = (call.timeoutMillis ?? 0) / 1_000;
    return new CliError(
      exitCodes.unreachable,
      'timed_out',
      `${baseUrl} did not answer within ${seconds} seconds`,
      { remedy: 'Look at /health of the service; try again.', isRetryable: true, cause: error },
    );
  }
  return new CliError(
    exitCodes.unreachable,
    'service_unreachable',
    `no service at ${baseUrl} (${connectionCode(error) ?? 'no connection'})`,
    {
      remedy:
        'Start one with "switchyard serve", or name its address with --url or SWITCHYARD_URL.',
      isRetryable: true,
      cause: error,
    },
  );
}

const problemSchema = z.looseObject({
  code: z.string(),
  detail: z.string(),
  request_id: z.string().optional(),
  retryable: z.boolean().optional(),
});

const remedies = new Map([
  ['unauthenticated', 'Set SWITCHYARD_KEY to a key of the deployment ("switchyard keys create").'],
]);

async function refusal(response: Response): Promise<CliError> {
  const body: unknown = await response.json().catch(() => undefined);
  const problem = problemSchema.safeParse(body).data;
  if (problem === undefined) {
    const detail = `${new URL(response.url).origin} answered ${response.status} and no Switchyard error`;
    const remedy = 'Something else may answer at this address; check --url.';
    return new CliError(exitCodes.refused, `http_${response.status}`, detail, { remedy });
  }
  const exitCode = problem.code === 'job_failed' ? exitCodes.jobFailed : exitCodes.refused;
  const isRetryable = problem.retryable ?? false;
  return new CliError(exitCode, problem.code, problem.detail, {
    requestId: problem.request_id,
    isRetryable,
    remedy: isRetryable ? 'The same command can succeed later.' : remedies.get(problem.code),
  });
}
