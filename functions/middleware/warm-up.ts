import type { MiddlewareObj } from '@middy/core';
import type { Architecture } from '#core/cost/lane-rates.ts';
import type { Clock } from '#core/ports/clock.ts';
import { noCalls, recordPing, recordRequest } from '#core/warming/avoided-cold-starts.ts';
import {
  type WarmUpAnswer,
  type WarmUpPing,
  warmUpPingSchema,
} from '#core/warming/warm-up-ping.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import type { Log } from '../handler-dependencies.ts';

/** What does not change while an environment lives. */
export interface EnvironmentFacts {
  /** Of no other environment. */
  readonly environmentId: string;
  /** From the start of the process until it could answer. */
  readonly initMillis: number;
  readonly memoryMib: number;
  readonly architecture: Architecture;
}

export interface WarmUpDependencies {
  readonly inference: Pick<InferenceService, 'warmUp'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly environment: EnvironmentFacts;
}

/**
 * Answers the pings of the warmer by a real inference of every model and holds the environment for a
 * while, so that pings sent at once reach different ones. Everything else passes, and is only counted.
 * A ping whose inference fails is a failed invocation: an environment that cannot answer is not warm.
 */
export function warmUp(deps: WarmUpDependencies): MiddlewareObj<unknown, unknown> {
  let record = noCalls;
  return {
    before: async ({ event }) => {
      const startedMillis = deps.clock.monotonicMillis();
      const ping = warmUpPingSchema.safeParse(event).data;
      if (ping === undefined) {
        record = recordRequest(record, startedMillis);
        return undefined;
      }
      const { calls, avoided } = record;
      record = recordPing(record);
      return await answerPing(ping, { ...deps, calls, avoided, startedMillis });
    },
  };
}

async function answerPing(
  { holdMillis }: WarmUpPing,
  call: WarmUpDependencies & {
    readonly calls: number;
    readonly avoided: number;
    readonly startedMillis: number;
  },
): Promise<WarmUpAnswer> {
  const { models, sessionsOpened } = await call.inference.warmUp();
  await call.clock.sleep(holdMillis);
  const answer: WarmUpAnswer = {
    ...call.environment,
    cold: call.calls === 0,
    models: [...models],
    sessionsOpened,
    handlerMillis: call.clock.monotonicMillis() - call.startedMillis,
    coldStartsAvoided: call.avoided,
  };
  call.log({ event: 'warmed_up', ...answer });
  return answer;
}
