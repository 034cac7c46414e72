import { MIN_SECRET_CHARACTERS, type SecretSource } from '#core/ports/secret-source.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

export interface SecretsManagerSourceOptions {
  /** ARN or name of the secret. Needs secretsmanager:GetSecretValue on it. */
  readonly secretId: string;
  /**
   * Base URL of another implementation.
   *
   * @default - AWS
   */
  readonly endpoint?: string;
}

/**
 * A secret in Secrets Manager, read once per process: it is never rotated, since job ids would change
 * with it. A failed reading is tried again at the next call. Loads the SDK at the first one.
 */
export function createSecretsManagerSource(options: SecretsManagerSourceOptions): SecretSource {
  let reading: Promise<string> | undefined;
  return {
    async read() {
      reading ??= readSecret(options);
      try {
        return await reading;
      } catch (error) {
        reading = undefined;
        throw error;
      }
    },
  };
}

async function readSecret({ secretId, endpoint }: SecretsManagerSourceOptions): Promise<string> {
  const sdk = await import('./secrets-manager-requests.ts');
  const secret = await sdk.getSecretString(secretId, endpoint).catch((error: unknown) => {
    if (error instanceof Error && absent.has(error.name)) throw unusable('is not there', error);
    throw error;
  });
  if (secret === undefined) throw unusable('holds no text');
  if (secret.length < MIN_SECRET_CHARACTERS) {
    throw unusable(`has fewer than ${MIN_SECRET_CHARACTERS} characters`);
  }
  return secret;
}

// The second one: it was deleted, and can be restored for a while.
const absent = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

function unusable(what: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError(
    'invalid_setting',
    `The secret of the deployment ${what}. Restore it in Secrets Manager; with another one job ids ` +
      'change, and running jobs are not found by repeated requests.',
    { cause },
  );
}
