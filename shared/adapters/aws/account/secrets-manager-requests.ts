import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** The text of a secret, or undefined where it holds bytes. This file alone imports the SDK's client. */
export async function getSecretString(
  secretId: string,
  { endpoint, region }: { readonly endpoint?: string; readonly region?: string },
): Promise<string | undefined> {
  const client = new SecretsManagerClient({
    ...(endpoint === undefined ? {} : { endpoint, region: 'us-east-1' }),
    ...(region === undefined ? {} : { region }),
    maxAttempts: 4,
    requestHandler: {
      connectionTimeout: 2_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    },
  });
  try {
    const output = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return output.SecretString;
  } finally {
    client.destroy();
  }
}
