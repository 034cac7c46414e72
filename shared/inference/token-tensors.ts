/** The int64 inputs of a text model for a batch, padded on the right to its longest row. */
export function tokenTensors(rows: readonly Int32Array[], padTokenId: number) {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const size = rows.length * longest;
  const ids = new BigInt64Array(size).fill(BigInt(padTokenId));
  const mask = new BigInt64Array(size);
  for (const [index, row] of rows.entries()) {
    const start = index * longest;
    mask.fill(1n, start, start + row.length);
    for (const [column, id] of row.entries()) ids[start + column] = BigInt(id);
  }
  return {
    shape: [rows.length, longest] as const,
    // One segment: every token is of type 0.
    values: { input_ids: ids, attention_mask: mask, token_type_ids: new BigInt64Array(size) },
  };
}
