import OpenAI, {
  APIConnectionError,
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
} from 'openai';
import type { EscalationFailure } from '#core/contract/escalation.ts';
import type { LabelQuestion } from '#core/escalation/label-question.ts';

export interface ChatEndpoint {
  readonly baseUrl: string;
  readonly model: string;
  /** Undefined where the endpoint wants none. */
  readonly key: string | undefined;
  readonly retries: number;
  /** Longest wait for one try. */
  readonly timeoutMillis: number;
  readonly maxOutputTokens: number;
}

/** This file alone imports the client: it is loaded at the first question, never before an answer. */
export function openChatClient({ key, ...endpoint }: ChatEndpoint): OpenAI {
  return new OpenAI({
    baseURL: endpoint.baseUrl,
    apiKey: key ?? 'none',
    ...(key === undefined ? { defaultHeaders: { authorization: null } } : {}),
    // Left out, they would come from the environment: this deployment's settings are the only ones.
    organization: null,
    project: null,
    maxRetries: endpoint.retries,
    timeout: endpoint.timeoutMillis,
    // At a lower level the client writes whole requests, texts among them.
    logLevel: 'off',
    // A redirect would send the text where nobody meant it to go.
    fetchOptions: { redirect: 'error' },
  });
}

/** One question, with the client's own retries: the body of the answer as it came. */
export async function askChat(
  client: OpenAI,
  question: LabelQuestion,
  options: Pick<ChatEndpoint, 'model' | 'maxOutputTokens'> & { readonly signal: AbortSignal },
): Promise<unknown> {
  return await client.chat.completions.create(
    {
      model: options.model,
      messages: [
        { role: 'system', content: question.system },
        { role: 'user', content: question.user },
      ],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'label', strict: true, schema: { ...question.schema } },
      },
      max_completion_tokens: options.maxOutputTokens,
    },
    { signal: options.signal },
  );
}

/** What a failed question comes to; nothing of what the endpoint wrote. */
export function chatFailure(error: unknown): EscalationFailure {
  if (error instanceof APIUserAbortError || error instanceof APIConnectionTimeoutError) {
    return 'timed_out';
  }
  // The status was good and the body is no JSON.
  if (error instanceof SyntaxError) return 'invalid_answer';
  if (error instanceof APIConnectionError || !(error instanceof APIError)) return 'unavailable';
  const { status } = error;
  if (status === 429) return 'rate_limited';
  const isRefused = typeof status === 'number' && status >= 400 && status < 500;
  return isRefused ? 'refused' : 'unavailable';
}
