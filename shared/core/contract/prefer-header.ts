/**
 * True where `Prefer` asks for `respond-async` (RFC 7240: a comma-separated list, names without
 * case, values and parameters allowed). Several header lines count as one list.
 */
export function prefersAsync(headerLines: readonly string[]): boolean {
  return splitOutsideQuotes(headerLines.join(',')).some((preference) => {
    const name = preference.split(/[;=]/, 1)[0] ?? '';
    return name.trim().toLowerCase() === 'respond-async';
  });
}

/** A quoted value may hold commas. */
function splitOutsideQuotes(list: string): readonly string[] {
  return list.match(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}
