import { createSecretsManagerSource } from '#adapters/aws/account/secrets-manager-source.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { type EndpointKey, readEscalationSettings } from '#core/escalation/escalation-settings.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import type { ModelCatalogue } from '#inference/model-catalogue.ts';
import type { Escalation } from '#work/escalation/escalate.ts';
import type { LiveRouter } from '#work/routing/live-router.ts';
import { openRequestEscalation } from '../inference/open-escalation.ts';
import { readPackageFile } from './read-package-file.ts';

export interface EscalationParts {
  readonly catalogue: ModelCatalogue;
  readonly inference: InferenceService;
  readonly router: LiveRouter | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Second answers by the rules that the stacks put into the package. Throws `invalid_setting`. */
export function openDeployedEscalation(file: string, parts: EscalationParts): Escalation {
  const { catalogue, inference, router, variables } = parts;
  return openRequestEscalation({
    settings: readEscalationSettings(readPackageFile(file, variables)),
    manifests: catalogue.models().map(({ manifest }) => manifest),
    inference,
    router,
    clock: systemClock,
    keyReader: secretReader,
  });
}

/** Keys are in Secrets Manager here: a variable of a function can be read by whoever may describe it. */
function secretReader(key: EndpointKey): () => Promise<string | undefined> {
  if (key.from === 'none') return async () => undefined;
  if (key.from === 'environment') {
    const detail = 'the key of an endpoint must be in Secrets Manager';
    throw new SwitchyardError('invalid_setting', `escalation: ${detail}`);
  }
  const { secretArn } = key;
  // A source remembers what it read; a new one sees a key that was changed.
  return () => createSecretsManagerSource({ secretId: secretArn, holds: 'endpoint-key' }).read();
}
