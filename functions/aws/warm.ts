// The Lambda function that keeps environments of the inference function warm, by a schedule.

import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { openWarmer } from './open-warmer.ts';
import { writeLog } from './write-log.ts';

/** An environment may start, open its models and be held for 5 s. */
const ANSWER_MILLIS = 30_000;

export const handler = openWarmer(process.env, {
  // One try: a throttled ping must not take even more of the callers' concurrency.
  invoker: createLambdaFunctionInvoker({ maxAttempts: 1, answerTimeoutMillis: ANSWER_MILLIS }),
  clock: systemClock,
  log: writeLog,
});
