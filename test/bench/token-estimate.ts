import { fitLine } from '#core/routing/curves/fit-line.ts';
import { estimateTokens, type TokenEstimate } from '#core/routing/curves/model-curves.ts';
import { sampleAt } from '#core/routing/curves/quantiles.ts';
import type { TextTokenizer } from '#inference/tokenizer.ts';
import type { TextSet } from '../fixtures/routing/text-sets.ts';

export interface SetError {
  readonly set: string;
  readonly texts: number;
  readonly tokens: number;
  /** Estimated over counted tokens of the whole set, less one. */
  readonly file_error: number;
  /** The same for single texts, its size at the 90th percentile. */
  readonly item_error_p90: number;
}

/** Fits tokens = perItem + perByte · bytes to all sets, each counting the same, and tells the errors. */
export function measureTokenEstimate(
  textSets: readonly TextSet[],
  tokenizer: TextTokenizer,
  tokenLimit: number,
): { readonly estimate: TokenEstimate; readonly sets: readonly SetError[] } {
  const measured = textSets.map(({ name, texts }) => ({
    name,
    points: texts.slice(0, 1_000).map((text) => ({
      x: Buffer.byteLength(text),
      y: tokenizer.encode(text).ids.length,
    })),
  }));
  const line = fitLine(measured.flatMap(({ points }) => points));
  const coefficients: TokenEstimate = {
    perItem: digits(line.intercept),
    perByte: digits(line.slope),
    fileError: 0,
    itemErrorP90: 0,
    measuredOn: measured.map(({ name }) => name).join(', '),
  };
  const sets = measured.map(({ name, points }): SetError => {
    const ratioOf = (items: typeof points) => {
      const bytes = items.reduce((sum, { x }) => sum + x, 0);
      const tokens = items.reduce((sum, { y }) => sum + y, 0);
      return estimateTokens({ items: items.length, bytes }, coefficients, tokenLimit) / tokens - 1;
    };
    const single = points.map((point) => Math.abs(ratioOf([point])));
    return {
      set: name,
      texts: points.length,
      tokens: points.reduce((sum, { y }) => sum + y, 0),
      file_error: digits(ratioOf(points)),
      item_error_p90: digits(
        sampleAt(
          single.toSorted((a, b) => a - b),
          0.9,
        ),
      ),
    };
  });
  const worst = (values: readonly number[]) => Math.max(...values.map(Math.abs));
  const estimate = {
    ...coefficients,
    fileError: worst(sets.map(({ file_error: error }) => error)),
    itemErrorP90: worst(sets.map(({ item_error_p90: error }) => error)),
  };
  return { estimate, sets };
}

function digits(value: number): number {
  return Number(value.toPrecision(3));
}
