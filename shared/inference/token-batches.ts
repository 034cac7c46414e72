/**
 * Groups rows of about the same length: indices into `lengths`, every one once. A batch of more than
 * one row costs at most `tokenBudget` tokens, counted as they are run: rows × longest row. A function
 * of the lengths alone, with ties in order of index, so that a repeated call gives the same batches.
 */
export function tokenBatches(
  lengths: readonly number[],
  tokenBudget: number,
): readonly (readonly number[])[] {
  const byLength = [...lengths.entries()].sort(
    ([indexA, lengthA], [indexB, lengthB]) => lengthA - lengthB || indexA - indexB,
  );
  const batches: number[][] = [];
  let open: number[] = [];
  for (const [index, length] of byLength) {
    // Ascending, so the new row is the longest and all would be padded to it.
    if (open.length > 0 && (open.length + 1) * length > tokenBudget) {
      batches.push(open);
      open = [];
    }
    open.push(index);
  }
  if (open.length > 0) batches.push(open);
  return batches;
}
