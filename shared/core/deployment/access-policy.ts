import { routes } from '../contract/routes.ts';
import type { Scope } from '../contract/scope.ts';

/** An IAM policy as an authorizer of API Gateway returns it. */
interface AccessPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly {
    readonly Action: 'execute-api:Invoke';
    readonly Effect: 'Allow';
    readonly Resource: readonly string[];
  }[];
}

/**
 * Every method of the stage that the scopes open, not only the one that was called: API Gateway keeps
 * the answer for a while and uses it for the caller's other calls.
 *
 * @param methodArn `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}`
 */
export function accessPolicy(methodArn: string, scopes: readonly Scope[]): AccessPolicy {
  const stage = methodArn.split('/').slice(0, 2).join('/');
  const open = routes.filter(({ scope }) => {
    return scope === 'any' || scope === 'open' || scopes.includes(scope);
  });
  const methods = scopes.includes('admin')
    ? ['*/*']
    : open.map(({ method, path }) => `${method}${path.replaceAll(/\{\w+\+?\}/g, '*')}`);
  const resources = [...new Set(methods)].map((method) => `${stage}/${method}`);
  return {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: resources }],
  };
}
