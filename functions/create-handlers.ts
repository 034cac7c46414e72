import type { Operation } from '#core/contract/routes.ts';
import { createInferenceHandlers } from './create-inference-handlers.ts';
import { createJobHandlers } from './create-job-handlers.ts';
import type { Handler } from './handler.ts';
import type { HandlerDependencies } from './handler-dependencies.ts';

/** Every route's handler, for a process that serves all of them. */
export function createHandlers(deps: HandlerDependencies): Record<Operation, Handler> {
  return { ...createInferenceHandlers(deps), ...createJobHandlers(deps) };
}
