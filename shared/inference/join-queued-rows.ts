/** A row that waits to be run. */
export interface QueuedRow {
  readonly model: string;
  readonly tokens: number;
  /** True where it must be run alone. */
  readonly alone: boolean;
}

/** Most tokens of joined rows, padding included: more would only make the oldest wait. */
const JOIN_TOKEN_BUDGET = 256;
/** Most padding, as a share of what is run: joining rows of unlike length costs more than it saves. */
const MAX_PADDING_SHARE = 0.25;

/**
 * Picks the row at `first` and younger rows of the same model and like length that are already
 * waiting, oldest first; gives their indices in the queue, ascending. Never waits for more rows.
 */
export function joinQueuedRows(queue: readonly QueuedRow[], first: number): readonly number[] {
  const oldest = queue[first];
  if (oldest === undefined) return [];
  const joined = [first];
  if (oldest.alone) return joined;
  let longest = oldest.tokens;
  let tokens = oldest.tokens;
  for (let index = first + 1; index < queue.length; index += 1) {
    const row = queue[index];
    if (row === undefined || row.alone || row.model !== oldest.model) continue;
    const width = Math.max(longest, row.tokens);
    const size = width * (joined.length + 1);
    const padding = size - (tokens + row.tokens);
    if (size > JOIN_TOKEN_BUDGET || padding > MAX_PADDING_SHARE * size) continue;
    joined.push(index);
    longest = width;
    tokens += row.tokens;
  }
  return joined;
}
