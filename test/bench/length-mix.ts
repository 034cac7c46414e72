import { seededRandom } from '../fixtures/harness/random.ts';

const words =
  'the film a of story and is with that actor scene gripping dull music slow funny director plot ending warm'.split(
    ' ',
  );

/**
 * Texts whose lengths are mixed as real ones are: log-normal with about 20 tokens at the median, 55 at
 * the 90th and 125 at the 99th percentile. The same for the same seed.
 */
export function lengthMix(count: number, seed: number): string[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const tokens = Math.round(18 * Math.exp(0.79 * standardNormal(random.fraction)));
    const length = Math.min(400, Math.max(1, tokens));
    return Array.from({ length }, () => words[random.below(words.length)]).join(' ');
  });
}

// Box–Muller; 1 - u keeps the logarithm finite.
function standardNormal(fraction: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());
}
