import { errorCodes } from '../error-codes.ts';
import type { SwitchyardError } from '../switchyard-error.ts';
import type { ProblemDocument } from './problem-schema.ts';

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
