import { readFile } from 'node:fs/promises';
import {
  type EndpointKey,
  type EscalationSettings,
  readEscalationSettings,
} from '#core/escalation/escalation-settings.ts';
import type { Clock } from '#core/ports/clock.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import type { ModelCatalogue } from '#inference/model-catalogue.ts';
import type { Escalation } from '#work/escalation/escalate.ts';
import type { LiveRouter } from '#work/routing/live-router.ts';
import { openRequestEscalation } from '../inference/open-escalation.ts';
import type { LocalSettings } from './settings.ts';

/** Second answers by the rules of a file; undefined where none is named. Throws `invalid_setting`. */
export async function openLocalEscalation(
  { escalationFile }: Pick<LocalSettings, 'escalationFile'>,
  parts: {
    readonly catalogue: ModelCatalogue;
    readonly inference: InferenceService;
    readonly router: LiveRouter;
    readonly clock: Clock;
  },
): Promise<Escalation | undefined> {
  if (escalationFile === undefined) return undefined;
  return openRequestEscalation({
    ...parts,
    settings: await readEscalationFile(escalationFile),
    manifests: parts.catalogue.models().map(({ manifest }) => manifest),
    keyReader: environmentKeyReader(process.env),
  });
}

/** Reads the file that SWITCHYARD_ESCALATION names. Throws `invalid_setting` saying what is wrong. */
async function readEscalationFile(file: string): Promise<EscalationSettings> {
  return readEscalationSettings(parsed(await contentOf(file)));
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unusable('the file cannot be read', cause);
  }
}

function parsed(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw unusable('the file is not valid JSON', cause);
  }
}

function unusable(detail: string, cause: unknown): SwitchyardError {
  return new SwitchyardError('invalid_setting', `SWITCHYARD_ESCALATION: ${detail}`, { cause });
}

/** Keys are in the environment here. Throws `invalid_setting` where a key is not, before any request. */
function environmentKeyReader(
  variables: Readonly<Record<string, string | undefined>>,
): (key: EndpointKey) => () => Promise<string | undefined> {
  return (key) => {
    if (key.from === 'none') return async () => undefined;
    if (key.from === 'secrets-manager') {
      const detail = 'keys in Secrets Manager are for deployments; name a variable here instead';
      throw new SwitchyardError('invalid_setting', `escalation: ${detail}`);
    }
    const value = variables[key.variable];
    if (value === undefined || value === '') {
      const detail = `${key.variable} is not set; put the endpoint's key there`;
      throw new SwitchyardError('invalid_setting', `escalation: ${detail}`);
    }
    return async () => value;
  };
}
