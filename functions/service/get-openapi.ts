import { composeRoute, type Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { pathPrefix } from '../path-prefix.ts';

/** `GET /openapi.json`: every route with its bodies, made from the schemas that check them. */
export function createGetOpenApiHandler(deps: JobDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async (event) => {
    // Loaded when it is asked for: no cold start pays for the document.
    const { openApiDocument } = await import('#core/openapi/openapi-document.ts');
    const { limits, needsKey } = deps;
    const document = openApiDocument({ limits, needsKey, serverUrl: pathPrefix(event) || '/' });
    return jsonAnswer(200, document, { 'cache-control': 'max-age=300' });
  });
}
