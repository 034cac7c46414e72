/** About what a cell of 256 KiB holds: a collection then costs far less than the model's run of it. */
const COLLECT_EVERY_UNITS = 262_144;

let unitsSince = 0;

/**
 * Collects garbage once enough text went through, where the process was started with `--expose-gc`, as
 * workers are. V8 sizes its heap by the machine and counts buffers outside it late, so without this a
 * worker's memory would grow with its file until the first big collection. A collection costs 5–10 ms,
 * as much as a small cell of a small model: small cells share one.
 *
 * @param texts what was worked on since the last call, measured in UTF-16 units
 */
export function collectGarbageAfter(texts: readonly string[]): void {
  for (const text of texts) unitsSince += text.length;
  if (unitsSince < COLLECT_EVERY_UNITS) return;
  unitsSince = 0;
  globalThis.gc?.();
}
