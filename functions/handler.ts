import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import type { EscalationUse } from '#core/escalation/escalation-use.ts';
import type { PredictedTexts } from '#core/predictions/predicted-texts.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** One route: an API Gateway REST (v1) proxy event in, its answer out. Errors are answers too. */
export type Handler = (
  event: APIGatewayProxyEvent,
  context: RouteContext,
) => Promise<APIGatewayProxyResult>;

/** The Lambda context; a front that sees its clients leave adds a signal. */
export interface RouteContext extends Context {
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
}

/** The event as routes see it: middleware has added what it found out. */
export interface RouteEvent extends APIGatewayProxyEvent {
  /** The JSON body, not yet checked by a schema. */
  json?: unknown;
  /** The `x-request-id` that the caller sent, for him to find his request by; it identifies nothing here. */
  callerId?: string;
  /** What the route tells the access log and the metrics. */
  notes?: RequestNotes;
  /** What the model did for it; absent where no model ran. */
  usage?: RequestUse;
}

interface RequestNotes {
  /** A model that exists: metrics are split by it. */
  readonly model?: string;
  readonly items?: number;
}

/** What a model did for a request: what it is priced by, and what the prediction log is made from. */
export interface RequestUse {
  readonly items: number;
  readonly tokens: number;
  /** Of the model; without its escalation. */
  readonly processingMillis: number;
  /** Set where answers were not certain enough. */
  readonly escalation?: EscalationUse;
  /**
   * The texts and what was said of them.
   *
   * @default - nothing can be kept of them
   */
  readonly predicted?: PredictedTexts;
}

export type RouteMiddleware = MiddlewareObj<RouteEvent, APIGatewayProxyResult, Error, RouteContext>;

/**
 * Kept free before the platform ends the invocation, and on Lambda the environment with it: time for a
 * model run that has begun to return (none can be cut short) and for the answer to leave.
 */
const ANSWER_MILLIS = 500;

/**
 * Puts a route behind its middleware, outermost first. The route's signal is aborted when the client
 * left or the invocation is about to be ended; `remainingMillis` says how long that is.
 */
export function composeRoute(
  middleware: readonly RouteMiddleware[],
  answer: (
    event: RouteEvent,
    signal: AbortSignal,
    remainingMillis: () => number,
  ) => Promise<APIGatewayProxyResult>,
): Handler {
  const composed = middy<RouteEvent, APIGatewayProxyResult, Error, RouteContext>({
    timeoutEarlyInMillis: ANSWER_MILLIS,
    timeoutEarlyResponse: () => {
      throw new SwitchyardError(
        'timed_out',
        'the answer was not ready in time; send less at once',
        {
          retryAfterSeconds: 1,
        },
      );
    },
  });
  for (const each of middleware) composed.use(each);
  composed.handler(
    (event: RouteEvent, context: RouteContext, { signal }: { signal: AbortSignal }) =>
      answer(
        event,
        context.signal === undefined ? signal : AbortSignal.any([signal, context.signal]),
        () => context.getRemainingTimeInMillis() - ANSWER_MILLIS,
      ),
  );
  return (event, context) => composed(event, context);
}
