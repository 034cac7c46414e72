import { readFindStateReply } from '#core/deployment/find-state-call.ts';
import { noAnswer } from '#core/deployment/start-job-call.ts';
import type { FunctionInvoker } from '#core/ports/function-invoker.ts';
import type { LiveRouter } from './live-router.ts';

/** Finds states of earlier deployments by a call of the function that may read the work bucket. */
export function createRemoteStates(options: {
  readonly invoker: Pick<FunctionInvoker, 'call'>;
  readonly functionName: string;
}): LiveRouter['findState'] {
  const { invoker, functionName } = options;
  return async (stateId) => {
    const call = { kind: 'find-state', stateId };
    const reply = await invoker.call(functionName, call).catch((error: unknown) => {
      throw noAnswer(error);
    });
    return readFindStateReply(reply);
  };
}
