/** A text as a line of the log has room for it. */
export interface CutText {
  readonly text: string;
  /** Whether something is missing at its end. */
  readonly isCut: boolean;
}

/**
 * Cuts texts so that all of them together fit, written as JSON. Long ones are cut to the same length,
 * and what short ones leave over is theirs; never within a character.
 */
export function cutTexts(
  texts: readonly string[],
  { maxBytes }: { readonly maxBytes: number },
): readonly CutText[] {
  const sizes = texts.map(jsonBytes);
  const share = fairShare(sizes, maxBytes);
  return texts.map((text, at) =>
    (sizes[at] ?? 0) <= share
      ? { text, isCut: false }
      : { text: longestPrefix(text, share), isCut: true },
  );
}

/** Size of a text as a string of JSON, its quotes included. */
export function jsonBytes(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length;
}

/** The most that each may have so that the sum of all stays within the budget. */
function fairShare(sizes: readonly number[], budget: number): number {
  const ascending = [...sizes].sort((left, right) => left - right);
  let left = budget;
  for (const [at, size] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - at));
    if (size > share) return share;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

function longestPrefix(text: string, maxBytes: number): string {
  let [fits, tooLong] = [0, text.length + 1];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (jsonBytes(prefix(text, middle)) <= maxBytes) fits = middle;
    else tooLong = middle;
  }
  return prefix(text, fits);
}

function prefix(text: string, units: number): string {
  const last = text.charCodeAt(units - 1);
  const splitsPair = units < text.length && last >= 0xd800 && last < 0xdc00;
  return text.slice(0, splitsPair ? units - 1 : units);
}
