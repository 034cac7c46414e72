/**
 * Calls functions that run elsewhere, as AWS Lambda does. Names are the deployment's: an ARN with its
 * alias on AWS. A payload is JSON (undefined fields vanish, dates become texts).
 *
 * Every call may run more than once: an answer can be lost after the function ran. So functions are
 * written to be repeated.
 */
export interface FunctionInvoker {
  /**
   * Runs the function and gives its answer; null where it answers nothing. Throws `payload_too_large`
   * above {@link MAX_CALL_BYTES}, `invalid_setting` where there is no such function, `overloaded`
   * where too many run already, `timed_out`, and `internal` where the function failed.
   */
  call(name: string, payload: unknown): Promise<unknown>;
  /**
   * Hands the payload over and resolves once it cannot be lost; the function runs some time later.
   * Where it fails it is run again, at most {@link MAX_STARTED_RETRIES} times, later; nobody is told.
   * Throws as `call` does, with {@link MAX_START_BYTES} as the limit.
   */
  start(name: string, payload: unknown): Promise<void>;
}

/** AWS Lambda takes no larger payload of a call that waits for its answer, in bytes of JSON. */
export const MAX_CALL_BYTES = 6 * 1_048_576;

/**
 * Below the limit of AWS Lambda for calls that nobody waits for (1 MiB; 256 KiB until 2025), in bytes
 * of JSON. What is larger goes into an object whose key is sent.
 */
export const MAX_START_BYTES = 256 * 1_024;

/** AWS Lambda's most retries of a call that nobody waits for (`MaximumRetryAttempts`). */
export const MAX_STARTED_RETRIES = 2;
