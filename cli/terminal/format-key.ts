import type { ShownKey } from '#work/deployment/api-keys.ts';

/** One key, one fact per line. */
export function keyLines(key: ShownKey): readonly string[] {
  return [
    `id       ${key.id}`,
    `name     ${key.name}`,
    `tenant   ${key.tenant}`,
    `scopes   ${key.scopes.join(', ')}`,
    `expires  ${key.expiresAt ?? 'never'}`,
  ];
}

/** The keys as a table with a heading; a sentence where there are none. */
export function keyTable(keys: readonly ShownKey[]): readonly string[] {
  if (keys.length === 0) {
    return ['There are no keys yet. "switchyard keys create --tenant <name>" makes one.'];
  }
  const rows = keys.map((key) => [
    key.id,
    key.tenant,
    key.scopes.join(','),
    key.createdAt.slice(0, 10),
    key.expiresAt?.slice(0, 10) ?? 'never',
    key.name,
  ]);
  const table = [['ID', 'TENANT', 'SCOPES', 'CREATED', 'EXPIRES', 'NAME'], ...rows];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
