import {
  InvokeCommand,
  type InvokeCommandInput,
  type InvokeCommandOutput,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import type { LambdaConnectionOptions } from './lambda-connection.ts';

const defaults = {
  maxAttempts: 4,
  answerTimeoutMillis: 60_000,
  connectTimeoutMillis: 3_000,
} as const;

/** A warm-up holds up to 100 calls in flight at once; fewer sockets would make them wait in line. */
const maxSockets = 128;

/** The Lambda calls that the adapter makes. This file alone imports the SDK's client. */
export function createLambdaRequests(options: LambdaConnectionOptions) {
  const connection = { ...defaults, ...options };
  const client = new LambdaClient({
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, region: 'us-east-1' }),
    ...(options.region === undefined ? {} : { region: options.region }),
    maxAttempts: connection.maxAttempts,
    requestHandler: {
      connectionTimeout: connection.connectTimeoutMillis,
      requestTimeout: connection.answerTimeoutMillis,
      throwOnRequestTimeout: true,
      httpsAgent: { maxSockets },
      httpAgent: { maxSockets },
    },
  });
  return {
    invoke: (input: InvokeCommandInput): Promise<InvokeCommandOutput> =>
      client.send(new InvokeCommand(input)),
    close: () => client.destroy(),
  };
}

export type LambdaRequests = ReturnType<typeof createLambdaRequests>;
