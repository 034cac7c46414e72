import type { Operation } from '#core/contract/routes.ts';
import type { Handler } from './handler.ts';
import type { HandlerDependencies } from './handler-dependencies.ts';
import { createInferenceHandlers } from './inference/create-inference-handlers.ts';
import { createJobHandlers } from './jobs/create-job-handlers.ts';

/** Every route's handler, for a process that serves all of them. */
export function createHandlers(deps: HandlerDependencies): Record<Operation, Handler> {
  return { ...createInferenceHandlers(deps), ...createJobHandlers(deps) };
}
