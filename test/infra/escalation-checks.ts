import assert from 'node:assert/strict';
import type { DeploymentConfigInput } from '#core/deployment/deployment-config.ts';
import { resourcesOf, type Synthesis } from './synthesize.ts';

/** One rule that asks an endpoint whose key is the text of a secret. */
export function rulesWithKey(secretArn: string): DeploymentConfigInput['escalation'] {
  const endpoint = { kind: 'endpoint', baseUrl: 'https://llm.example/v1', model: 'large' } as const;
  const key = { from: 'secrets-manager', secretArn } as const;
  return { 'sst2-minilm': { threshold: 0.7, to: { ...endpoint, key } } };
}

/** Rules go to the inference function alone, and it alone may read that secret. */
export function onlyAnswererReads(secretArn: string): (synthesis: Synthesis) => void {
  return ({ serving }) => {
    const told = resourcesOf(serving, 'AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.Environment?.Variables.SWITCHYARD_ESCALATION !== undefined,
    );
    const handlers = told.map(({ Properties }) => Properties.Handler);
    assert.deepEqual(handlers, ['serve-inference.handler']);
    const statements = resourcesOf(serving, 'AWS::IAM::Policy').flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    const readers = statements.filter(({ Resource }) => Resource === secretArn);
    assert.deepEqual(
      readers.map(({ Action }) => Action),
      ['secretsmanager:GetSecretValue'],
    );
  };
}
