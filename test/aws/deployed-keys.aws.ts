import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  APIGatewayClient,
  CreateUsagePlanCommand,
  GetApiKeysCommand,
} from '@aws-sdk/client-api-gateway';
import { createSecretsManagerSource } from '#adapters/aws/account/secrets-manager-source.ts';
import { webhookSecret } from '#work/finish/sign-webhook.ts';
import { createKey, openApi, runKeys, runSwitchyard } from '../fixtures/aws/deployed-api.ts';
import { type Deployment, sharedDeployment } from '../fixtures/aws/deployment.ts';
import { send } from '../fixtures/harness/http.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

// Who may call a deployment: keys of the CLI, the authorizer, the usage plan.

let deployment: Deployment;

before(async () => {
  deployment = await sharedDeployment();
});

const body = JSON.stringify({ text: 'a film' });

test('without a key and with a wrong one a call is answered 401 as a problem', async () => {
  const { endpoint, apiUrl } = deployment;
  const path = `${new URL(apiUrl).pathname}/predict`;
  const none = await send(endpoint, path, { body, headers: { accept: '*/*' } });
  const wrong = [`swy_${'A'.repeat(43)}`, 'secret'].map((key) =>
    openApi(deployment, key).call('/predict', { body }),
  );

  for (const answer of [none, ...(await Promise.all(wrong))]) {
    assert.equal(answer.status, 401, answer.text);
    assert.equal(answer.json<{ code: string }>().code, 'unauthenticated');
  }
});

test('a key opens the routes of its scopes and no other', async () => {
  const scoped = async (scopes: string) => {
    const { key } = await createKey(deployment, ['--tenant', 'acme', '--scopes', scopes]);
    return openApi(deployment, key);
  };
  const [predict, jobs, admin] = await Promise.all(['predict', 'jobs', 'admin'].map(scoped));
  const statuses = async (api: typeof predict) => [
    (await api?.call('/predict', { body }))?.status,
    (await api?.call('/jobs'))?.status,
    (await api?.call('/models'))?.status,
  ];

  assert.deepEqual(await statuses(predict), [200, 403, 200]);
  assert.deepEqual(await statuses(jobs), [403, 200, 200]);
  assert.deepEqual(await statuses(admin), [200, 200, 200]);
  const refused = await predict?.post('/predict', { text: 'a film', lane: 'cpu-fleet' });
  assert.equal(refused?.status, 403, refused?.text);
  assert.equal(refused?.json<{ code: string }>().code, 'forbidden');
});

test('a key is listed without itself, and revoked for good', async () => {
  const { key, id } = await createKey(deployment, ['--tenant', 'acme', '--name', 'short-lived']);
  const listed = await runKeys(deployment, ['list']);
  assert.match(listed.stdout, new RegExp(`${id} +acme +predict,jobs .* never +short-lived`));
  assert.doesNotMatch(listed.stdout, new RegExp(key));

  // Never used before, so that API Gateway remembers nothing of it.
  const revoked = await runKeys(deployment, ['revoke', id]);
  assert.equal(revoked.exitCode, 0, revoked.stderr);
  const answer = await openApi(deployment, key).call('/models');
  assert.equal(answer.status, 401, answer.text);
  const again = await runKeys(deployment, ['revoke', id]);
  assert.equal(again.exitCode, 1);
  assert.match(again.stderr, /there is no such key/);

  const gateway = openGateway();
  const { items = [] } = await gateway.send(new GetApiKeysCommand({ limit: 500 }));
  gateway.destroy();
  assert.ok(!items.some(({ name }) => name === 'acme: short-lived'));
});

test('the key of a tenant’s webhooks is shown to whoever may read the secret of the deployment', async () => {
  const { endpoint, outputs } = deployment;
  const source = createSecretsManagerSource({ secretId: outputs['JobSecretArn'] ?? '', endpoint });
  const secret = await source.read();

  for (const tenant of ['acme', 'other']) {
    const shown = await runSwitchyard(deployment, ['webhook-secret', '--tenant', tenant]);
    assert.equal(shown.stdout.trim(), webhookSecret({ secret, tenant }), shown.stderr);
  }
});

test('the rate of the plan of a key is kept: 429 with Retry-After', async () => {
  const gateway = openGateway();
  const { id: plan = '' } = await gateway.send(
    new CreateUsagePlanCommand({
      name: 'narrow',
      throttle: { rateLimit: 1, burstLimit: 2 },
      apiStages: [{ apiId: deployment.serving.ApiId, stage: 'prod' }],
    }),
  );
  gateway.destroy();
  const { key } = await createKey(deployment, ['--tenant', 'acme', '--plan', plan]);
  const api = openApi(deployment, key);

  const answers = await Promise.all(Array.from({ length: 8 }, () => api.call('/limits')));

  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0, answers.map(({ status }) => status).join(' '));
  assert.equal(refused[0]?.headers['retry-after'], '1');
  assert.equal(refused[0]?.json<{ code: string; retryable: boolean }>().code, 'rate_limited');
  // A second later the bucket has room again.
  await waitUntil('an answer after the pause', async () => {
    return (await api.call('/limits')).status === 200;
  });
});

test('a name that is no deployment is told with what to do', async () => {
  const elsewhere = { ...deployment, name: 'elsewhere' };
  const { exitCode, stderr } = await runKeys(elsewhere, ['list']);

  assert.equal(exitCode, 2);
  assert.match(stderr, /there is no deployment "elsewhere" in us-east-1/);
  assert.match(stderr, /npm run deploy/);
  const secret = await runSwitchyard(elsewhere, ['webhook-secret']);
  assert.equal(secret.exitCode, 2);
  assert.match(secret.stderr, /there is no deployment "elsewhere"/);
});

function openGateway(): APIGatewayClient {
  return new APIGatewayClient({ endpoint: deployment.endpoint, region: 'us-east-1' });
}
