import { noAnswer, readStartJobReply } from '#core/deployment/start-job-call.ts';
import type { FunctionInvoker } from '#core/ports/function-invoker.ts';
import type { JobStarter } from '#core/ports/job-starter.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/**
 * Starts jobs by a call of the function that keeps them. The invoker may repeat a call whose answer was
 * lost: the job's identity is in the request, so both calls make the same job.
 */
export function createRemoteJobStarter(options: {
  readonly invoker: Pick<FunctionInvoker, 'call'>;
  readonly functionName: string;
}): JobStarter {
  const { invoker, functionName } = options;
  return {
    async create(request) {
      const call = { kind: 'start-job', ...request };
      const reply = await invoker.call(functionName, call).catch((error: unknown) => {
        throw isWorthTelling(error) ? error : noAnswer(error);
      });
      return readStartJobReply(reply);
    },
  };
}

/** What the caller can do something about; the rest is between the two functions. */
function isWorthTelling(error: unknown): boolean {
  const codes = ['payload_too_large', 'overloaded', 'timed_out'];
  return error instanceof SwitchyardError && codes.includes(error.code);
}
