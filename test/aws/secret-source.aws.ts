import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { createSecretsManagerSource } from '#adapters/aws/account/secrets-manager-source.ts';
import { hasCode } from '../contract/contract-expectations.ts';
import { describeSecretSource } from '../contract/secret-source.contract.ts';
import { s3Endpoint } from '../fixtures/aws/open-buckets.ts';

describeSecretSource({
  name: 'the secret in Secrets Manager',
  open: async (context) => {
    const endpoint = s3Endpoint();
    const client = new SecretsManagerClient({ endpoint, region: 'us-east-1' });
    const secretId = `switchyard-${randomUUID()}`;
    const SecretString = randomBytes(32).toString('hex');
    await client.send(new CreateSecretCommand({ Name: secretId, SecretString }));
    context.after(async () => {
      const SecretId = secretId;
      await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
      client.destroy();
    });
    return {
      open: () => createSecretsManagerSource({ secretId, endpoint }),
      store: async (text) => {
        await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: text }));
      },
    };
  },
});

test('a secret that is not there is a mistake in the settings', async () => {
  const source = createSecretsManagerSource({ secretId: 'nowhere', endpoint: s3Endpoint() });

  await assert.rejects(source.read(), hasCode('invalid_setting'));
});
