/** Moves labels apart on a logarithmic axis, in their order, so that none covers another. */
export function placeLabels<T extends { readonly usd: number }>(
  labels: readonly T[],
  axis: { readonly low: number; readonly high: number; readonly heightPx: number },
  gapPx = 17,
): readonly (T & { readonly at: number })[] {
  const perPx = Math.log(axis.high / axis.low) / axis.heightPx;
  const gap = gapPx * perPx;
  const placed = labels
    .map((label) => ({ label, at: Math.log(Math.max(label.usd, axis.low)) }))
    .sort((x, y) => x.at - y.at);
  // From below up, then from above down: a crowd spreads to both sides of its middle.
  for (let round = 0; round < 30; round += 1) {
    for (const [index, current] of placed.entries()) {
      const below = placed[index - 1];
      if (below === undefined || current.at - below.at >= gap) continue;
      const middle = (current.at + below.at) / 2;
      below.at = middle - gap / 2;
      current.at = middle + gap / 2;
    }
  }
  return placed.map(({ label, at }) => ({ ...label, at: Math.exp(at) }));
}
