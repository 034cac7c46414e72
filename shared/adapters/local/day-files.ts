import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WaitingRows } from '#core/cost/waiting-rows.ts';
import { DAY_MILLIS } from '#core/utc-day.ts';

export interface DayFilesOptions {
  /** Made where it is missing; one JSONL file per day of UTC. */
  readonly folder: string;
  /**
   * Longest time an entry waits in memory, in milliseconds.
   *
   * @default 1000
   */
  readonly flushMillis?: number;
  /**
   * Told when entries could not be written; they are kept and tried again.
   *
   * @default - failures are seen by `flush` and `close` only
   */
  readonly onError?: (error: unknown) => void;
}

/** Entries that wait while the disk refuses them; more than these are dropped, oldest first. */
const MAX_WAITING = 100_000;

/**
 * JSONL files that are only ever appended to, one a day by the entries' own time. A kill at any moment
 * leaves whole lines and at most one torn one, which readers leave out. For one writing process and any
 * number of readers.
 */
export class DayFiles<Entry extends { readonly at: string }> {
  readonly #folder: string;
  readonly #flushMillis: number;
  readonly #onError: (error: unknown) => void;
  readonly #waiting = new WaitingRows<Entry>(MAX_WAITING);
  #timer: NodeJS.Timeout | undefined;
  /** Writes follow one another: the file keeps the order of the calls. */
  #written: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: DayFilesOptions) {
    this.#folder = options.folder;
    this.#flushMillis = options.flushMillis ?? 1_000;
    this.#onError = options.onError ?? (() => undefined);
  }

  append(entry: Entry): void {
    if (this.#isClosed) return;
    this.#waiting.push(entry);
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

  /** The lines of every day that the range touches, in order. */
  async *lines(range: {
    readonly fromMillis: number;
    readonly toMillis: number;
  }): AsyncIterable<string> {
    for (const { name, dayMillis } of await this.#days()) {
      if (dayMillis >= range.toMillis || dayMillis + DAY_MILLIS <= range.fromMillis) continue;
      yield* createInterface({
        input: createReadStream(join(this.#folder, name)),
        crlfDelay: Number.POSITIVE_INFINITY,
      });
    }
  }

  /** Removes days that ended before. */
  async expire(beforeMillis: number): Promise<void> {
    for (const { name, dayMillis } of await this.#days()) {
      if (dayMillis + DAY_MILLIS <= beforeMillis) await rm(join(this.#folder, name));
    }
  }

  async #days(): Promise<readonly { readonly name: string; readonly dayMillis: number }[]> {
    const names = await readdir(this.#folder);
    return names
      .sort()
      .map((name) => ({ name, dayMillis: Date.parse(/^(.{10})\.jsonl$/.exec(name)?.[1] ?? '') }))
      .filter(({ dayMillis }) => Number.isFinite(dayMillis));
  }

  #writeWaiting(): Promise<void> {
    return this.#waiting.writeDays((day, entries) =>
      appendLines(join(this.#folder, `${day}.jsonl`), entries),
    );
  }
}

/** Makes the folder first, so that readers find one before the first entry. */
export async function openDayFiles<Entry extends { readonly at: string }>(
  options: DayFilesOptions,
): Promise<DayFiles<Entry>> {
  await mkdir(options.folder, { recursive: true });
  return new DayFiles<Entry>(options);
}

async function appendLines(file: string, entries: readonly unknown[]): Promise<void> {
  const handle = await open(file, 'a+');
  try {
    const start = (await endsInsideALine(handle)) ? '\n' : '';
    await handle.appendFile(start + entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
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
