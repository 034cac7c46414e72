import { SwitchyardError } from '#core/switchyard-error.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';

interface Wanted {
  readonly model: string;
  readonly escalate?: boolean | undefined;
}

/** Throws `invalid_request` where second answers are demanded of a model that has none. */
export function refuseEscalation(
  { model, escalate }: Wanted,
  { escalation }: Pick<InferenceDependencies, 'escalation'>,
): void {
  if (escalate !== true || escalation?.ruleOf(model) !== undefined) return;
  const detail = `model ${model} has no rule of escalation here; leave escalate out, or see GET /models for models that have one`;
  throw new SwitchyardError('invalid_request', detail, { members: { param: 'escalate' } });
}

/** Throws `invalid_request` where they are demanded of what became a job. */
export function refuseEscalatedJob({ escalate }: Pick<Wanted, 'escalate'>): void {
  if (escalate !== true) return;
  const detail =
    'these texts become a job, and a job is answered by one model; send fewer at once and no lane, or leave escalate out';
  throw new SwitchyardError('invalid_request', detail, { members: { param: 'escalate' } });
}
