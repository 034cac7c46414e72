import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

/** A gateway may leave either member out; both are null in a console test event. */
interface WithHeaders {
  readonly headers: APIGatewayProxyEvent['headers'] | null;
  readonly multiValueHeaders: APIGatewayProxyEvent['multiValueHeaders'] | null;
}

/** All values of a header, whatever its case; a list sent on several lines gives several values. */
export function readHeaderLines(event: WithHeaders, name: string): readonly string[] {
  const lines = Object.entries(event.multiValueHeaders ?? {})
    .filter(([key]) => key.toLowerCase() === name)
    .flatMap(([, values]) => values ?? []);
  if (lines.length > 0) return lines;
  return Object.entries(event.headers ?? {}).flatMap(([key, value]) =>
    key.toLowerCase() === name && value !== undefined ? [value] : [],
  );
}

/** The last value of a header, whatever its case. `name` is lower case. */
export function readHeader(event: WithHeaders, name: string): string | undefined {
  return readHeaderLines(event, name).at(-1);
}

/** The answer with further headers; they win over those of the same spelling. */
export function withHeaders(
  result: APIGatewayProxyResult,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyResult {
  return { ...result, headers: { ...result.headers, ...headers } };
}
