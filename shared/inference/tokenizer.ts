import { Tokenizer } from '@huggingface/tokenizers';
import * as z from 'zod';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { ModelBundle } from './model-bundle.ts';
import { readVerifiedFile } from './read-verified-file.ts';

/** A text as the model sees it. */
export interface EncodedText {
  /** Token ids, special tokens included; at most the model's limit. */
  readonly ids: Int32Array;
  /** True where the text had more tokens than the limit and its end was cut off. */
  readonly truncated: boolean;
}

export interface TextTokenizer {
  readonly padTokenId: number;
  /** Throws `unprocessable_input` for a text that cannot be tokenized. */
  encode(text: string): EncodedText;
}

const tokenizerConfigSchema = z.looseObject({ pad_token: z.unknown() });

/**
 * Loads a bundle's tokenizer from verified bytes. The `padding` and `truncation` blocks of
 * tokenizer.json are ignored: many carry a fixed padding of 128, which costs five times the work.
 */
export async function loadTokenizer({ folder, manifest }: ModelBundle): Promise<TextTokenizer> {
  const read = async (path: string): Promise<Record<string, unknown>> => {
    const sha256 = manifest.files[path] ?? '';
    const bytes = await readVerifiedFile({ folder, path, sha256 });
    return JSON.parse(new TextDecoder().decode(bytes));
  };
  const config = await read('tokenizer_config.json');
  const tokenizer = createTokenizer(manifest.name, await read('tokenizer.json'), config);
  const padToken = tokenizerConfigSchema.parse(config).pad_token;
  const padTokenId = typeof padToken === 'string' ? tokenizer.token_to_id(padToken) : undefined;
  return {
    padTokenId: padTokenId ?? 0,
    encode: (text) => cutToLimit(tokenIds(tokenizer, text), manifest.tokenLimit),
  };
}

/** Cuts to `limit` ids and keeps the last one ([SEP]), which the model was trained to find. */
export function cutToLimit(ids: readonly number[], limit: number): EncodedText {
  if (ids.length <= limit) return { ids: Int32Array.from(ids), truncated: false };
  return { ids: Int32Array.from([...ids.slice(0, limit - 1), ...ids.slice(-1)]), truncated: true };
}

function createTokenizer(model: string, json: object, config: object): Tokenizer {
  try {
    return new Tokenizer(json, config);
  } catch (cause) {
    throw new SwitchyardError(
      'model_invalid',
      `Model ${model}: tokenizer.json is of a kind that cannot be used here.`,
      { cause },
    );
  }
}

function tokenIds(tokenizer: Tokenizer, text: string): readonly number[] {
  try {
    return tokenizer.encode(text).ids;
  } catch (cause) {
    throw new SwitchyardError('unprocessable_input', 'The text cannot be tokenized.', { cause });
  }
}
