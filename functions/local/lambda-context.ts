import type { Clock } from '#core/ports/clock.ts';
import type { RouteContext } from '../handler.ts';

/** API Gateway gives a REST integration 29 s; the same holds here. */
const INVOCATION_MILLIS = 29_000;

/** The context that a Lambda handler gets, with a signal for the client that leaves. */
export function lambdaContext(options: {
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}): RouteContext {
  const endMillis = options.clock.monotonicMillis() + INVOCATION_MILLIS;
  return {
    signal: options.signal,
    awsRequestId: options.requestId,
    functionName: 'local',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'local',
    logGroupName: 'local',
    logStreamName: 'local',
    memoryLimitInMB: '0',
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => endMillis - options.clock.monotonicMillis(),
    // Callback style, gone since Node 24 on Lambda; only the type still asks for it.
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
