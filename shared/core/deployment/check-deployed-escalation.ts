import type { EscalationRule, EscalationSettings } from '../escalation/escalation-settings.ts';

/** Kept of the API's time for the first answer and for shaping the last one. */
const OTHER_MILLIS = 2_000;

/** Settings of a deployment. */
interface Deployed {
  readonly escalation: EscalationSettings;
  readonly models: readonly string[];
  readonly timeoutSeconds: number;
}

/** What of a deployment's rules cannot work on AWS, by setting. */
export function deployedEscalationProblems(config: Deployed): readonly string[] {
  return Object.entries(config.escalation).flatMap(([model, rule]) =>
    problemsOf(model, rule, config).map((problem) => `escalation.${model}: ${problem}`),
  );
}

function problemsOf(
  model: string,
  { to, timeoutMs }: EscalationRule,
  { models, timeoutSeconds }: Deployed,
): readonly string[] {
  const problems: string[] = [];
  for (const name of to.kind === 'model' ? [model, to.model] : [model]) {
    if (!models.includes(name)) problems.push(`${name} is not one of "models"; add it there`);
  }
  const mostMillis = timeoutSeconds * 1_000 - OTHER_MILLIS;
  if (timeoutMs > mostMillis) {
    problems.push(`timeoutMs may be ${mostMillis} at most with timeoutSeconds ${timeoutSeconds}`);
  }
  if (to.kind === 'endpoint' && to.key.from === 'environment') {
    problems.push('put the key into Secrets Manager: {"from": "secrets-manager", "secretArn": …}');
  }
  return problems;
}
