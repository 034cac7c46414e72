/**
 * True where the map of a bill row's tags has this one, given as `key=value`. The map is JSON or
 * `{key=value, …}`, by the tool that exported it. Exports write keys of users as `user_key` or `user:key`
 * and put `_` for what is neither letter nor digit, so keys are compared without that.
 */
export function hasTag(tags: string, tag: string): boolean {
  const at = tag.indexOf('=');
  const [key, value] = at < 0 ? [tag, ''] : [tag.slice(0, at), tag.slice(at + 1)];
  const wanted = plainKey(key);
  return entriesOf(tags).some(([name, own]) => plainKey(name) === wanted && own === value);
}

function entriesOf(tags: string): readonly (readonly [string, unknown])[] {
  const fromJson = parseOrUndefined(tags);
  if (fromJson !== undefined) return Object.entries(fromJson);
  return tags
    .replace(/^\{|\}$/g, '')
    .split(/,\s*/)
    .map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, Math.max(0, at)).trim(), entry.slice(at + 1).trim()] as const;
    });
}

function parseOrUndefined(tags: string): object | undefined {
  try {
    const value: unknown = JSON.parse(tags);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function plainKey(key: string): string {
  const bare = key.toLowerCase().replace(/^(resource_?tags[/.])?user[:_]/, '');
  return bare.replace(/[^a-z0-9]/g, '_');
}
