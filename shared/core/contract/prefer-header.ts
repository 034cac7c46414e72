/**
 * True where `Prefer` asks for `respond-async` (RFC 7240: a comma-separated list, names without
 * case, values and parameters allowed). Several header lines count as one list.
 */
export function prefersAsync(headerLines: readonly string[]): boolean {
  return preferences(headerLines).some(([name]) => name === 'respond-async');
}

/** True where `Prefer` asks for `route=full`: every candidate of the router's decision in the answer. */
export function prefersFullRoute(headerLines: readonly string[]): boolean {
  return preferences(headerLines).some(([name, value]) => name === 'route' && value === 'full');
}

/** Name and value of each, in lower case, without parameters and quotes. */
function preferences(headerLines: readonly string[]): readonly (readonly [string, string])[] {
  return splitOutsideQuotes(headerLines.join(',')).map((preference) => {
    const [name = '', value = ''] = (preference.split(';', 1)[0] ?? '').split('=');
    return [plain(name), plain(value)];
  });
}

function plain(word: string): string {
  return word.trim().replaceAll('"', '').toLowerCase();
}

/** A quoted value may hold commas. */
function splitOutsideQuotes(list: string): readonly string[] {
  return list.match(/(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}
