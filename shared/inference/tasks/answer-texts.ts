import type { ItemAnswer, ItemOutcome } from '#core/contract/predict.ts';
import type { ModelManifest } from '#core/models/model-manifest.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { EncodedText, TextTokenizer } from '../tokenizer.ts';

/**
 * Runs rows of token ids through the model: one output row each, in order. `rows[i]` stands for the
 * text at `textIndexes[i]`; texts that cannot be encoded have no row.
 */
export type RunRows = (
  rows: readonly Int32Array[],
  textIndexes: readonly number[],
) => Promise<readonly Float32Array[]>;

export interface TaskModel {
  readonly manifest: ModelManifest;
}

export interface TaskTools {
  readonly tokenizer: TextTokenizer;
  readonly runRows: RunRows;
}

/**
 * The steps that all text tasks share: encode, run, and `decode` each output row. One outcome per
 * text, in order; a text that cannot be encoded or answered becomes an error of its own.
 */
export async function answerTexts(
  texts: readonly string[],
  { tokenizer, runRows }: TaskTools,
  decode: (
    row: Float32Array,
    about: { readonly truncated: boolean; readonly tokens: number },
  ) => ItemAnswer,
): Promise<readonly ItemOutcome[]> {
  const encoded = texts.map((text) => encode(tokenizer, text));
  const rows = encoded.flatMap((each) => ('ids' in each ? [each.ids] : []));
  const textIndexes = encoded.flatMap((each, index) => ('ids' in each ? [index] : []));
  const outputs = (rows.length === 0 ? [] : await runRows(rows, textIndexes)).values();
  return encoded.map((each) => {
    if (!('ids' in each)) return each;
    const output = outputs.next().value;
    if (output === undefined || !output.every(Number.isFinite)) return notFinite;
    const about = { truncated: each.truncated, tokens: each.ids.length };
    return { ok: true, answer: decode(output, about) };
  });
}

const notFinite: ItemOutcome = {
  ok: false,
  error: {
    code: 'unprocessable_input',
    detail: 'The model gave a number that is not finite for this text; it has no answer.',
  },
};

function encode(
  tokenizer: TextTokenizer,
  text: string,
): EncodedText | (ItemOutcome & { ok: false }) {
  try {
    return tokenizer.encode(text);
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    return { ok: false, error: { code: error.code, detail: error.detail } };
  }
}
