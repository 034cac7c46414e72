/**
 * Maps with at most `limit` calls at a time. After a failure, or once `stop` is aborted, no further
 * call starts; it rejects with the first failure when every started call has ended, so that nothing
 * is still writing. `stop` is aborted by a failure here too, which ends several maps together.
 */
export async function mapLimited<Item, Result>(
  items: readonly Item[],
  options: { readonly limit: number; readonly stop?: AbortController },
  map: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const stop = options.stop ?? new AbortController();
  const results: Result[] = [];
  const entries = items.entries();
  async function work(): Promise<void> {
    // One iterator for all workers: each takes the next entry that nobody has.
    for (const [index, item] of entries) {
      if (stop.signal.aborted) {
        return;
      }
      try {
        results[index] = await map(item, index);
      } catch (error) {
        stop.abort(error);
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(options.limit, items.length) }, work));
  stop.signal.throwIfAborted();
  return results;
}
