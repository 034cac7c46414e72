import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { budgetOfTenant, deployedBudgets } from '#core/deployment/deployed-budgets.ts';
import {
  deploymentConfigSchema,
  readDeploymentConfig,
} from '#core/deployment/deployment-config.ts';

const root = join(import.meta.dirname, '../../..');
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

test('the example has every default, and nothing else', () => {
  const example: unknown = JSON.parse(textOf('config.example.json'));

  assert.deepEqual(readDeploymentConfig(example), readDeploymentConfig({}));
  const unset = new Set(['$schema', 'zones', 'notifyEmail', 'monthlyBudgetUsd']);
  const names = Object.keys(deploymentConfigSchema.shape).filter((name) => !unset.has(name));
  assert.deepEqual(Object.keys(example as object).sort(), names.sort());
});

test('every setting is explained in the manual', () => {
  const manual = textOf('docs/deploy.md');
  const names = Object.keys(deploymentConfigSchema.shape).filter((name) => name !== '$schema');

  assert.deepEqual(
    names.filter((name) => !manual.includes(`\`${name}\``)),
    [],
  );
});

test('every setting says its default beside it', () => {
  const source = textOf('shared/core/deployment/deployment-config.ts');
  const body = source.slice(source.indexOf('export const deploymentConfigSchema'));
  const documented = [...body.matchAll(/@default [^*]+\*\/\n {2}(\w+):/g)].map(([, name]) => name);
  const names = Object.keys(deploymentConfigSchema.shape).filter((name) => name !== '$schema');

  assert.deepEqual(documented, names);
});

test('a wrong setting is refused by its name, with what it may be', () => {
  const wrong = { gpu: { instanceTypes: ['g5'] }, fleet: { max: 0 }, colour: 'red' };

  assert.throws(
    () => readDeploymentConfig(wrong),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'invalid_setting');
      assert.match(error.message, /gpu\.instanceTypes\.0: a size of g4dn/);
      assert.match(error.message, /fleet\.max/);
      assert.match(error.message, /colour/);
      return true;
    },
  );
});

test('budgets of tenants are exact, one’s own goes before that of all others', () => {
  const tenants = { acme: { monthlyUsd: 0.1, mode: 'queue' as const } };
  const config = readDeploymentConfig({
    tenantBudgets: { monthlyUsd: 12.5, mode: 'degrade', tenants },
    jobRetentionDays: 40,
  });
  const budgets = deployedBudgets(config);
  const some = deployedBudgets(
    readDeploymentConfig({ tenantBudgets: { tenants: { b: { monthlyUsd: 0 } } } }),
  );

  assert.ok(budgets !== undefined && some !== undefined);
  assert.deepEqual(budgetOfTenant(budgets, 'acme'), { limitUsd: '0.1', mode: 'queue' });
  assert.deepEqual(budgetOfTenant(budgets, 'toString'), { limitUsd: '12.5', mode: 'degrade' });
  assert.deepEqual(budgetOfTenant(some, 'b'), { limitUsd: '0', mode: 'refuse' });
  assert.equal(budgetOfTenant(some, 'a'), undefined);
  assert.equal(deployedBudgets(readDeploymentConfig({})), undefined);
});

test('budgets that could not work are refused: nothing counted, or jobs removed before their start', () => {
  const tenantBudgets = { monthlyUsd: 1, mode: 'queue' as const };

  assert.throws(() => readDeploymentConfig({ tenantBudgets }), /jobRetentionDays of at least 31/);
  const blind = { tenantBudgets: { monthlyUsd: 1 }, predictionLog: 'off' };
  assert.throws(() => readDeploymentConfig(blind), /predictionLog must be "digest"/);
});

test('rules of escalation that cannot work on AWS are refused', () => {
  const endpoint = {
    ...{ kind: 'endpoint', baseUrl: 'https://llm.example/v1', model: 'large' },
    key: { from: 'environment', variable: 'LARGE_KEY' },
  };
  const rule = (to: object, rest: object = {}) => ({
    escalation: { 'sst2-minilm': { threshold: 0.8, to, ...rest } },
  });
  const toModel = { kind: 'model', model: 'huge' };

  assert.throws(() => readDeploymentConfig(rule(endpoint)), /put the key into Secrets Manager/);
  assert.throws(() => readDeploymentConfig(rule(toModel)), /huge is not one of "models"/);
  const short = { ...rule({ ...endpoint, key: { from: 'none' } }), timeoutSeconds: 6 };
  assert.throws(() => readDeploymentConfig(short), /timeoutMs may be 4000 at most/);
});

test('a warm pool of less than twenty minutes is refused: AWS Batch takes none', () => {
  assert.throws(() => readDeploymentConfig({ gpu: { warmPoolMinutes: 5 } }), /0 or 20–10,080/);
});
