import { SwitchyardError } from '#core/switchyard-error.ts';
import type { Handler } from '../handler.ts';

/** A route of the local server; `path` as API Gateway spells it, parameters are one segment. */
export interface LocalRoute {
  readonly method: string;
  readonly path: string;
  readonly handler: Handler;
}

export interface MatchedRoute {
  readonly route: LocalRoute;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route of a path as it was sent. It is split before it is decoded and never normalised,
 * so that `%2F` and `..` stay inside one parameter. HEAD is answered like GET. Throws `not_found` or
 * `method_not_allowed`, whose `allow` lists the methods.
 */
export function matchRoute(
  routes: readonly LocalRoute[],
  request: { readonly method: string; readonly path: string },
): MatchedRoute {
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const here = routes.flatMap((route) => {
    const pathParameters = matchPath(route.path, request.path);
    return pathParameters === undefined ? [] : [{ route, pathParameters }];
  });
  const found = here.find(({ route }) => route.method === method);
  if (found !== undefined) return found;
  if (here.length === 0) {
    throw new SwitchyardError('not_found', 'there is no such route; GET /docs lists them');
  }
  const methods = here.map(({ route }) => route.method);
  const allow = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  throw new SwitchyardError(
    'method_not_allowed',
    `this route takes ${allow.join(', ')}, not ${request.method}`,
    {
      members: { allow },
    },
  );
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const names = pattern.split('/');
  const segments = path.split('/');
  if (names.length !== segments.length) return undefined;
  const parameters: [string, string][] = [];
  for (const [at, name] of names.entries()) {
    const segment = segments[at] ?? '';
    const isParameter = name.startsWith('{');
    if (isParameter ? segment === '' : segment !== name) return undefined;
    if (isParameter) parameters.push([name.slice(1, -1), decodeSegment(segment)]);
  }
  return Object.fromEntries(parameters);
}

/** A segment that is not percent-encoded UTF-8 stays as it is: it names nothing that exists. */
function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
