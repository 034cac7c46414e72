import { MIN_SECRET_CHARACTERS, type SecretSource } from '#core/ports/secret-source.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

export interface SecretsManagerSourceOptions {
  /** ARN or name of the secret. Needs secretsmanager:GetSecretValue on it. */
  readonly secretId: string;
  /**
   * The secret that job ids derive from, or the key of another's service, which may be short.
   *
   * @default 'deployment-secret'
   */
  readonly holds?: keyof typeof kinds;
  /**
   * Base URL of another implementation.
   *
   * @default - AWS
   */
  readonly endpoint?: string;
  /**
   * AWS region of the secret.
   *
   * @default - that of the environment
   */
  readonly region?: string;
}

const kinds = {
  'deployment-secret': {
    name: 'The secret of the deployment',
    minCharacters: MIN_SECRET_CHARACTERS,
    remedy:
      'Restore it in Secrets Manager; with another one job ids change, and running jobs are not found by repeated requests.',
  },
  'endpoint-key': {
    name: 'The key of the endpoint',
    minCharacters: 1,
    remedy: 'Put it as text into the secret that the rule of escalation names.',
  },
} as const;

/**
 * A secret in Secrets Manager, read once per source: that of a deployment is never rotated, since job ids
 * would change with it. A failed reading is tried again at the next call. Loads the SDK at the first one.
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

async function readSecret({
  secretId,
  holds = 'deployment-secret',
  ...connection
}: SecretsManagerSourceOptions): Promise<string> {
  const kind = kinds[holds];
  const sdk = await import('./secrets-manager-requests.ts');
  const secret = await sdk.getSecretString(secretId, connection).catch((error: unknown) => {
    if (error instanceof Error && absent.has(error.name))
      throw unusable(kind, 'is not there', error);
    throw error;
  });
  if (secret === undefined) throw unusable(kind, 'holds no text');
  if (secret.length < kind.minCharacters) {
    throw unusable(kind, `has fewer than ${kind.minCharacters} characters`);
  }
  return secret;
}

// The second one: it was deleted, and can be restored for a while.
const absent = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

function unusable(
  { name, remedy }: (typeof kinds)[keyof typeof kinds],
  what: string,
  cause?: unknown,
): SwitchyardError {
  return new SwitchyardError('invalid_setting', `${name} ${what}. ${remedy}`, { cause });
}
