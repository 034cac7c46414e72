import { composeRoute, type Handler, type RouteEvent } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { readHeader } from '../http-headers.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { pathPrefix } from '../path-prefix.ts';

/** `GET /docs`: the OpenAPI document as a page that loads nothing. */
export function createGetDocsHandler(deps: JobDependencies): Handler {
  return composeRoute(standardMiddleware(deps), async (event) => {
    const { openApiDocument } = await import('#core/openapi/openapi-document.ts');
    const { docsPage } = await import('#core/openapi/page/docs-page.ts');
    const { limits, needsKey } = deps;
    const prefix = pathPrefix(event);
    const document = openApiDocument({ limits, needsKey, serverUrl: prefix || '/' });
    return {
      statusCode: 200,
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'max-age=300',
        'content-security-policy':
          "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'",
      },
      body: docsPage(document, `${originOf(event)}${prefix}`),
      isBase64Encoded: false,
    };
  });
}

/** As the reader's own client wrote it; what is no plain address is left out of the examples. */
function originOf(event: RouteEvent): string {
  const scheme = readHeader(event, 'x-forwarded-proto') === 'https' ? 'https://' : '';
  const host = readHeader(event, 'host') ?? '';
  return /^[\w.:[\]-]{1,253}$/.test(host) ? `${scheme}${host}` : 'localhost:8080';
}
