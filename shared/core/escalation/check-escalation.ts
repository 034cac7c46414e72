import type { ModelManifest } from '../models/model-manifest.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import type { EscalationRule, EscalationSettings } from './escalation-settings.ts';

type Labelled = Pick<ModelManifest, 'name' | 'task' | 'functionToApply'> & {
  readonly labels: readonly string[];
};

/**
 * Holds rules against the models that are there. Throws `invalid_setting` where a rule names a model that
 * is not there, or one of another task or other labels: its answers would mean something else.
 */
export function checkEscalation(settings: EscalationSettings, models: readonly Labelled[]): void {
  const problems = Object.entries(settings).flatMap(([name, rule]) => {
    const problem = problemOf(name, rule, models);
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
  if (problems.length === 0) return;
  throw new SwitchyardError('invalid_setting', `escalation: ${problems.join('; ')}`);
}

function problemOf(
  name: string,
  { to }: EscalationRule,
  models: readonly Labelled[],
): string | undefined {
  const find = (wanted: string) => models.find((each) => each.name === wanted);
  const names = models.map((each) => each.name).join(', ');
  const first = find(name);
  if (first === undefined) return `there is no such model; there are ${names}`;
  if (first.task !== 'text-classification' || first.functionToApply !== 'softmax') {
    return 'only models that choose one label of several have a confidence; remove the rule';
  }
  if (to.kind === 'endpoint') return labelProblem(first, Object.keys(to.descriptions));
  const second = find(to.model);
  if (second === undefined) return `there is no model ${to.model}; there are ${names}`;
  if (second.name === name) return 'a model cannot be asked about its own answers';
  return hasLabelsOf(first, second)
    ? undefined
    : `${to.model} has other labels; name one with the same`;
}

function labelProblem({ labels }: Labelled, described: readonly string[]): string | undefined {
  const strange = described.filter((label) => !labels.includes(label));
  if (strange.length === 0) return undefined;
  return `descriptions of ${strange.join(', ')}, but the labels are ${labels.join(', ')}`;
}

function hasLabelsOf(first: Labelled, second: Labelled): boolean {
  const isAlike = second.task === first.task && second.functionToApply === first.functionToApply;
  const own = new Set(first.labels);
  return (
    isAlike &&
    own.size === new Set(second.labels).size &&
    second.labels.every((each) => own.has(each))
  );
}
