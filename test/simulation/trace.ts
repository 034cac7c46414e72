/** What happened, line by line: the last lines are kept, all of them go into the hash. */
export class Trace {
  readonly #kept: string[] = [];
  readonly #keptLines: number;
  readonly #onLine: ((line: string) => void) | undefined;
  #high = 0x811c9dc5;
  #low = 0x2b592a5d;
  lines = 0;

  constructor(options: { readonly keptLines: number; readonly onLine?: (line: string) => void }) {
    this.#keptLines = options.keptLines;
    this.#onLine = options.onLine;
  }

  add(atMillis: number, who: string, what: string): void {
    const line = `${atMillis.toFixed(1)} ${who} ${what}`;
    this.lines += 1;
    // Two FNV-1a hashes side by side: a digest that costs nothing beside the work it watches.
    for (let at = 0; at < line.length; at += 1) {
      const unit = line.charCodeAt(at);
      this.#high = Math.imul(this.#high ^ unit, 0x01000193);
      this.#low = Math.imul(this.#low ^ (unit + at), 0x01000193);
    }
    this.#kept[this.lines % this.#keptLines] = line;
    this.#onLine?.(line);
  }

  /** Equal for two runs that did the same in the same order. */
  hash(): string {
    return hex(this.#high) + hex(this.#low);
  }

  last(): string[] {
    const from = (this.lines + 1) % this.#keptLines;
    return [...this.#kept.slice(from), ...this.#kept.slice(0, from)].filter(
      (line) => line !== undefined,
    );
  }
}

function hex(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
