/**
 * Collects garbage now, where the process was started with `--expose-gc`, as workers are. V8 sizes its
 * heap by the machine and counts buffers outside it late, so without this a worker's memory would grow
 * with its file until the first big collection. Between cells it costs milliseconds.
 */
export function collectGarbage(): void {
  globalThis.gc?.();
}
