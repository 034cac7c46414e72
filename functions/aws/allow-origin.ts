import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { readHeader, withHeaders } from '../http-headers.ts';

/** What a page may read of an answer beyond its body. */
const EXPOSED = 'location, retry-after, x-request-id, idempotency-replayed';

/**
 * Lets the page that asked read the answer, where it is on the list of the deployment. API Gateway
 * answers preflights by itself. `Vary`, for a cache must not hand one page's permission to another.
 */
export function allowOrigin(
  event: Pick<APIGatewayProxyEvent, 'headers' | 'multiValueHeaders'>,
  answer: APIGatewayProxyResult,
  origins: readonly string[],
): APIGatewayProxyResult {
  if (origins.length === 0) return answer;
  const origin = readHeader(event, 'origin');
  const isAllowed = origin !== undefined && (origins.includes(origin) || origins.includes('*'));
  if (!isAllowed) return withHeaders(answer, { vary: 'origin' });
  return withHeaders(answer, {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED,
    vary: 'origin',
  });
}
