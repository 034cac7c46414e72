import { errorCodes } from '../error-codes.ts';
import type { SwitchyardError } from '../switchyard-error.ts';

/**
 * RFC 9457 problem document merged with the OpenAI error envelope: pure problem+json loses code and
 * message in the OpenAI SDKs, and the merged body satisfies both.
 */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly retryable: boolean;
  readonly request_id: string;
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
  readonly [member: string]: unknown;
}

/** The document for an error. `param` (a field name) comes from the error's members, if any. */
export function problemDocument(error: SwitchyardError, requestId: string): ProblemDocument {
  const kind = errorCodes[error.code];
  const { param, ...members } = error.members;
  return {
    type: `urn:switchyard:problem:${error.code}`,
    title: kind.title,
    status: kind.status,
    detail: error.detail,
    code: error.code,
    retryable: kind.retryable,
    request_id: requestId,
    ...members,
    error: {
      message: error.detail,
      type: kind.status >= 500 ? 'server_error' : 'invalid_request_error',
      param: typeof param === 'string' ? param : null,
      code: error.code,
    },
  };
}
