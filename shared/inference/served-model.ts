import type { ModelDescription } from '#core/contract/model-view.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { ModelBundle } from './model-bundle.ts';
import type { ModelSessionSpec } from './open-model-session.ts';
import { chooseForLane } from './provider-choice.ts';
import type { SessionPool } from './session-pool.ts';
import { loadTokenizer, type TextTokenizer } from './tokenizer.ts';

/** A model that this process answers with, on its way from files to a warm session. */
interface ServedModel {
  readonly bundle: ModelBundle;
  readonly spec: ModelSessionSpec;
  readonly tokenizer: TextTokenizer;
}

export type PreparedModel =
  | { readonly ok: true; readonly model: ServedModel }
  | { readonly ok: false; readonly reason: string };

/** Loads the tokenizer and picks the CPU file; a failure is a result, so that others go on. */
export async function prepareModel(bundle: ModelBundle): Promise<PreparedModel> {
  const { folder, manifest } = bundle;
  const choice = chooseForLane(manifest, 'cpu', undefined);
  if (!choice.available) return { ok: false, reason: choice.reason };
  const { variant, provider } = choice;
  try {
    const tokenizer = await loadTokenizer(bundle);
    const { padTokenId } = tokenizer;
    const spec = { folder, manifest, variant, provider, padTokenId };
    return { ok: true, model: { bundle, spec, tokenizer } };
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    return { ok: false, reason: error.detail };
  }
}

/** Why a model cannot answer now, or undefined when it can. */
export function notReadyReason(
  name: string,
  prepared: PreparedModel | undefined,
  pool: SessionPool | undefined,
): string | undefined {
  if (prepared === undefined) return `${name}: loading`;
  if (!prepared.ok) return `${name}: ${prepared.reason}`;
  if (pool?.loaded(name) !== undefined) return undefined;
  return `${name}: ${pool?.failure(name) ?? 'loading'}`;
}

/** What the process answers with, or null while no session is warm. */
export function servingWith(
  name: string,
  prepared: PreparedModel | undefined,
  pool: SessionPool | undefined,
): ModelDescription['serving'] {
  const loaded = pool?.loaded(name);
  if (loaded === undefined || prepared?.ok !== true) return null;
  const { variant, provider } = prepared.model.spec;
  return { variant: variant.name, provider, runtime: loaded.runtime };
}
