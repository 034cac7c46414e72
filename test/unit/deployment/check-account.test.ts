import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAccount } from '#core/deployment/check-account.ts';
import { readDeploymentConfig } from '#core/deployment/deployment-config.ts';
import type { AccountFacts } from '#core/ports/account-facts.ts';

const config = readDeploymentConfig({});

/** An account in which everything is as the default config needs it. */
const readyAccount: AccountFacts = {
  identity: async () => ({
    account: '123456789012',
    principal: 'arn:aws:iam::123456789012:user/a',
  }),
  bootstrapVersion: async () => 30,
  gpuVcpus: async () => 64,
  offeredTypes: async (types) => types,
  concurrency: async () => ({ limit: 1_000, unreserved: 1_000 }),
};

async function levelsIn(account: Partial<AccountFacts>): Promise<Record<string, string>> {
  const findings = await checkAccount({ ...readyAccount, ...account }, config);
  const notable = findings.filter(({ level }) => level !== 'ok');
  return Object.fromEntries(
    notable.map(({ level, what, remedy }) => [level, `${what} | ${remedy}`]),
  );
}

test('an account with all that is needed has nothing to say', async () => {
  assert.deepEqual(await levelsIn({}), {});
});

test('a region that is not bootstrapped stops the deployment and says how to do it', async () => {
  const { stop } = await levelsIn({ bootstrapVersion: async () => undefined });

  assert.match(stop ?? '', /not bootstrapped.*cdk bootstrap aws:\/\/<account>\/us-east-1/);
});

test('a GPU quota of zero is a warning: the fleet still works on jobs', async () => {
  const { warn } = await levelsIn({ gpuVcpus: async () => 0 });

  assert.match(warn ?? '', /Lambda fleet only.*Running On-Demand G and VT instances/);
});

test('a quota below the config is a warning with the number to ask for', async () => {
  const { warn } = await levelsIn({
    gpuVcpus: async (kind) => (kind === 'spot' ? 8 : 64),
  });

  assert.match(warn ?? '', /8 GPU vCPUs is less than the 32.*ask for 32/);
});

test('an instance type that the region lacks stops the deployment', async () => {
  const { stop } = await levelsIn({ offeredTypes: async () => ['g4dn.xlarge'] });

  assert.match(stop ?? '', /no g5\.xlarge, g6\.xlarge.*there are g4dn\.xlarge/);
});

test('the concurrency of a new account is too small for the fleet', async () => {
  const { stop } = await levelsIn({ concurrency: async () => ({ limit: 10, unreserved: 10 }) });

  assert.match(stop ?? '', /reserves 50.*0 can be reserved.*lower fleet\.max/);
});

test('a fact that may not be asked for is unknown, and the others are still told', async () => {
  const { unknown } = await levelsIn({
    gpuVcpus: async () => {
      throw Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    },
  });

  assert.match(unknown ?? '', /quota could not be read \(AccessDeniedException\)/);
});

test('without credentials nothing is told', async () => {
  const identity = async () => {
    throw Object.assign(new Error('none'), { name: 'CredentialsProviderError' });
  };

  await assert.rejects(levelsIn({ identity }), { name: 'CredentialsProviderError' });
});
