import type { ModelDescription } from '#core/contract/model-view.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';

/** `GET /models`: what can be asked for, where it runs, and why not elsewhere. */
export function createListModelsHandler(deps: InferenceDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async () =>
    jsonAnswer(200, { models: deps.inference.models().map((model) => described(model, deps)) }),
  );
}

function described(
  model: ModelDescription,
  { escalation }: Pick<InferenceDependencies, 'escalation'>,
): ModelDescription {
  const rule = escalation?.ruleOf(model.name);
  return rule === undefined ? model : { ...model, escalation: rule };
}
