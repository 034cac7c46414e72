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

test('the key of an endpoint may be short, and a new source sees a changed one', async (t) => {
  const endpoint = s3Endpoint();
  const client = new SecretsManagerClient({ endpoint, region: 'us-east-1' });
  const SecretId = `switchyard-key-${randomUUID()}`;
  await client.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'key-1' }));
  t.after(async () => {
    await client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    client.destroy();
  });
  const open = () =>
    createSecretsManagerSource({ secretId: SecretId, endpoint, holds: 'endpoint-key' });

  assert.equal(await open().read(), 'key-1');
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: 'key-2' }));
  assert.equal(await open().read(), 'key-2');
  await assert.rejects(
    createSecretsManagerSource({ secretId: 'nowhere', endpoint, holds: 'endpoint-key' }).read(),
    { code: 'invalid_setting', detail: /The key of the endpoint is not there/ },
  );
});
