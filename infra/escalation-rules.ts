import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { checkEscalation } from '#core/escalation/check-escalation.ts';
import type { EscalationSettings } from '#core/escalation/escalation-settings.ts';
import { readManifest } from './read-manifest.ts';

const FILE = 'escalation.json';

/** The rules of a deployment as a file of its package, and the variable that names it. */
interface EscalationFiles {
  readonly files: Readonly<Record<string, string>>;
  readonly variables: { readonly SWITCHYARD_ESCALATION: string | undefined };
}

/**
 * Rules are held against the models at synth: a function that found a mistake at its start would answer
 * nothing at all. Throws `invalid_setting`.
 */
export function escalationFiles({ escalation, models }: DeploymentConfig): EscalationFiles {
  if (Object.keys(escalation).length === 0) {
    return { files: {}, variables: { SWITCHYARD_ESCALATION: undefined } };
  }
  checkEscalation(escalation, models.map(readManifest));
  return {
    files: { [FILE]: JSON.stringify(escalation) },
    variables: { SWITCHYARD_ESCALATION: FILE },
  };
}

/** `endpoints`: a rule sends texts to another's service. */
export function escalatesToWhom(rules: EscalationSettings): 'nobody' | 'models' | 'endpoints' {
  const kinds = Object.values(rules).map(({ to }) => to.kind);
  if (kinds.length === 0) return 'nobody';
  return kinds.includes('endpoint') ? 'endpoints' : 'models';
}

/** The right to read the keys of endpoints, each by its name. */
export function keyStatements({ escalation }: DeploymentConfig): PolicyStatement[] {
  const resources = Object.values(escalation).flatMap(({ to }) =>
    to.kind === 'endpoint' && to.key.from === 'secrets-manager' ? [to.key.secretArn] : [],
  );
  if (resources.length === 0) return [];
  return [new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources })];
}
