import {
  decodePayload,
  encodePayload,
  functionFailed,
  noSuchFunction,
} from '#core/function-payload.ts';
import {
  type FunctionInvoker,
  MAX_CALL_BYTES,
  MAX_START_BYTES,
} from '#core/ports/function-invoker.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { LambdaConnectionOptions } from './lambda-connection.ts';
import type { LambdaRequests } from './lambda-requests.ts';

export interface LambdaFunctionInvoker extends FunctionInvoker {
  /** Closes the connections; further calls are not allowed. */
  close(): Promise<void>;
}

/**
 * Functions on AWS Lambda; a name is an ARN or a function name, with its alias where it has one.
 * Needs lambda:InvokeFunction on it. Loads the SDK at the first call.
 */
export function createLambdaFunctionInvoker(
  options: LambdaConnectionOptions = {},
): LambdaFunctionInvoker {
  let loading: Promise<LambdaRequests> | undefined;
  const requests = () => {
    loading ??= import('./lambda-requests.ts').then((module) =>
      module.createLambdaRequests(options),
    );
    return loading;
  };
  async function invoke(name: string, type: 'RequestResponse' | 'Event', bytes: Uint8Array) {
    const { invoke: send } = await requests();
    try {
      return await send({ FunctionName: name, InvocationType: type, Payload: bytes });
    } catch (error) {
      throw translate(name, error);
    }
  }
  return {
    async call(name, payload) {
      const bytes = encodePayload(payload, MAX_CALL_BYTES);
      const answer = await invoke(name, 'RequestResponse', bytes);
      if (answer.FunctionError !== undefined) throw functionFailed(name);
      return decodePayload(answer.Payload);
    },
    async start(name, payload) {
      await invoke(name, 'Event', encodePayload(payload, MAX_START_BYTES));
    },
    async close() {
      if (loading !== undefined) (await loading).close();
    },
  };
}

/** Errors of the SDK by their names; what has no meaning of its own here is passed on. */
function translate(name: string, error: unknown): unknown {
  const kind = error instanceof Error ? error.name : '';
  if (kind === 'ResourceNotFoundException') return noSuchFunction(name, error);
  if (kind === 'TooManyRequestsException' || kind === 'EC2ThrottledException') {
    const detail = `Too many calls of ${name} run at once. Try again later or raise its concurrency.`;
    return new SwitchyardError('overloaded', detail, { retryAfterSeconds: 1, cause: error });
  }
  if (kind === 'TimeoutError') {
    const detail = `The function ${name} gave no answer in time. Send less at once.`;
    return new SwitchyardError('timed_out', detail, { cause: error });
  }
  return error;
}
