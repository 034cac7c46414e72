/**
 * The order in which a worker looks at the shards: it starts at its own share and then steps through
 * the rest in an order of its own, so that many workers on many shards seldom meet.
 */
export function shardOrder(place: {
  readonly arrayIndex: number;
  readonly arraySize: number;
  readonly shards: number;
}): number[] {
  const { shards } = place;
  const size = Math.max(1, place.arraySize);
  const first = Math.floor(((place.arrayIndex % size) * shards) / size);
  const share = Math.max(1, Math.ceil(shards / size));
  const own = Array.from({ length: Math.min(share, shards) }, (_, step) => (first + step) % shards);
  const rest = Array.from({ length: shards - own.length }, (_, step) => {
    return (first + own.length + step) % shards;
  });
  return [...own, ...rotated(rest, place.arrayIndex)];
}

// Each index starts the foreign shards elsewhere; the golden ratio spreads any number of workers.
function rotated(shards: number[], arrayIndex: number): number[] {
  if (shards.length === 0) return shards;
  const turn = Math.floor(((arrayIndex * 0.618_033_988_75) % 1) * shards.length);
  return [...shards.slice(turn), ...shards.slice(0, turn)];
}
