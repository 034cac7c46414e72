import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type LedgerRow, readLedgerRow } from '#core/cost/ledger-row.ts';
import { isWithin, WaitingRows } from '#core/cost/waiting-rows.ts';
import type { Ledger, LedgerRange } from '#core/ports/ledger.ts';

export interface FileLedgerOptions {
  /** Made where it is missing; one JSONL file per day of UTC. */
  readonly folder: string;
  /**
   * Longest time a row waits in memory, in milliseconds.
   *
   * @default 1000
   */
  readonly flushMillis?: number;
  /**
   * Told when rows could not be written; they are kept and tried again.
   *
   * @default - failures are seen by `flush` and `close` only
   */
  readonly onError?: (error: unknown) => void;
}

/** Rows that wait while the disk refuses them; more than these are dropped, oldest first. */
const MAX_WAITING = 100_000;
const DAY_MILLIS = 86_400_000;

/**
 * A ledger in JSONL files that are only ever appended to. A kill at any moment leaves whole rows and
 * at most one torn line, which readers leave out. For one writing process and any number of readers.
 */
export async function openFileLedger(options: FileLedgerOptions): Promise<Ledger> {
  await mkdir(options.folder, { recursive: true });
  return new FileLedger(options);
}

class FileLedger implements Ledger {
  readonly #folder: string;
  readonly #flushMillis: number;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new WaitingRows(MAX_WAITING);
  #timer: NodeJS.Timeout | undefined;
  /** Writes follow one another: the file keeps the order of the calls. */
  #written: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: FileLedgerOptions) {
    this.#folder = options.folder;
    this.#flushMillis = options.flushMillis ?? 1_000;
    this.#onError = options.onError ?? (() => undefined);
  }

  append(row: LedgerRow): void {
    if (this.#isClosed) return;
    this.#waiting.push(row);
    this.#timer ??= setTimeout(() => {
      this.flush().catch(this.#onError);
    }, this.#flushMillis).unref();
  }

  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const write = this.#written.catch(() => undefined).then(() => this.#writeWaiting());
    this.#written = write;
    await write;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  async *read(range: LedgerRange): AsyncIterable<LedgerRow> {
    const names = await readdir(this.#folder);
    for (const name of names.filter((each) => mayHold(each, range)).sort()) {
      yield* readRows(join(this.#folder, name), range);
    }
  }

  async #writeWaiting(): Promise<void> {
    await this.#waiting.writeDays((day, rows) =>
      appendLines(join(this.#folder, `${day}.jsonl`), rows),
    );
  }
}

async function appendLines(file: string, rows: readonly LedgerRow[]): Promise<void> {
  const handle = await open(file, 'a+');
  try {
    const start = (await endsInsideALine(handle)) ? '\n' : '';
    await handle.appendFile(start + rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** True after a kill in the middle of a write: what follows must not join the torn line. */
async function endsInsideALine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}

function mayHold(name: string, range: LedgerRange): boolean {
  const dayMillis = Date.parse(/^(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(name)?.[1] ?? '');
  return dayMillis < range.toMillis && dayMillis + DAY_MILLIS > range.fromMillis;
}

async function* readRows(file: string, range: LedgerRange): AsyncIterable<LedgerRow> {
  const lines = createInterface({
    input: createReadStream(file),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) {
    const row = readLedgerRow(line);
    if (row !== undefined && isWithin(row, range)) yield row;
  }
}
