/** Where the low half of a 64-bit number stands: 0 on little-endian machines. */
const LOW_WORD = new Int32Array(BigInt64Array.of(1n).buffer)[0] === 1 ? 0 : 1;

/** The int64 inputs of a text model for a batch, padded on the right to its longest row. */
export function tokenTensors(rows: readonly Int32Array[], padTokenId: number) {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const size = rows.length * longest;
  const ids = new BigInt64Array(size).fill(BigInt(padTokenId));
  const mask = new BigInt64Array(size);
  // The low halves of the 64-bit numbers: no bigint per token, and ids are never negative.
  const words = new Int32Array(ids.buffer);
  for (const [index, row] of rows.entries()) {
    const start = index * longest;
    mask.fill(1n, start, start + row.length);
    for (let column = 0; column < row.length; column += 1) {
      words[(start + column) * 2 + LOW_WORD] = row[column] ?? 0;
      words[(start + column) * 2 + 1 - LOW_WORD] = 0;
    }
  }
  return {
    shape: [rows.length, longest] as const,
    // One segment: every token is of type 0.
    values: { input_ids: ids, attention_mask: mask, token_type_ids: new BigInt64Array(size) },
  };
}
