import type { Limits } from '#core/contract/limits.ts';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import type { InputFile } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { gunzipFile } from './gunzip-file.ts';
import { cutShort, isGzip } from './read-file-bytes.ts';

/**
 * The content of a text file by position, decompressed. A compressed file has no way in but its
 * start: reading on from where the last range ended costs nothing, reading back starts over.
 */
export class FileContent {
  readonly #context: {
    readonly objectStore: ObjectStore;
    readonly limits: Limits;
    readonly file: InputFile;
  };
  #cursor: Cursor | undefined;

  constructor(context: {
    readonly objectStore: ObjectStore;
    readonly limits: Limits;
    readonly file: InputFile;
  }) {
    this.#context = context;
  }

  /** All of it. Throws unless every byte of the stored file was read and made sense. */
  async *whole(): AsyncGenerator<Uint8Array> {
    const { objectStore, file } = this.#context;
    if (file.compression === 'gzip') {
      yield* gunzipFile(this.#context);
      return;
    }
    if (file.sizeBytes > 0 && (await isGzip(objectStore, file))) {
      const detail = `${file.name} holds gzip data but is not named .gz; rename it to ${file.name}.gz`;
      throw new UnusableInput('unsupported_format', detail);
    }
    let read = 0;
    for await (const chunk of objectStore.stream(file.key, { ifMatch: file.etag })) {
      read += chunk.length;
      yield chunk;
    }
    if (read !== file.sizeBytes) throw cutShort(file, read);
  }

  /** A stretch of it, for one reader at a time. */
  async *range(startPosition: number, endPosition: number): AsyncGenerator<Uint8Array> {
    const { objectStore, file } = this.#context;
    if (file.compression === 'none') {
      const range = { startByte: startPosition, endByte: endPosition };
      yield* objectStore.stream(file.key, { range, ifMatch: file.etag });
      return;
    }
    const cursor = await this.#cursorAt(startPosition);
    while (cursor.position < endPosition) {
      const bytes = await cursor.next(endPosition);
      if (bytes === undefined) return;
      yield bytes;
    }
  }

  async close(): Promise<void> {
    await this.#cursor?.close();
    this.#cursor = undefined;
  }

  async #cursorAt(position: number): Promise<Cursor> {
    if (this.#cursor === undefined || this.#cursor.position > position) {
      await this.close();
      this.#cursor = new Cursor(gunzipFile(this.#context));
    }
    const cursor = this.#cursor;
    while (cursor.position < position) {
      if ((await cursor.next(position)) === undefined) break;
    }
    return cursor;
  }
}

/** A place in a stream of chunks that can only move on. */
class Cursor {
  readonly #chunks: AsyncGenerator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  position = 0;

  constructor(chunks: AsyncGenerator<Uint8Array>) {
    this.#chunks = chunks;
  }

  /** The next bytes, none of them from `endPosition` on; undefined at the end of the content. */
  async next(endPosition: number): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return undefined;
      this.#rest = value;
    }
    const bytes = this.#rest.subarray(0, endPosition - this.position);
    this.#rest = this.#rest.subarray(bytes.length);
    this.position += bytes.length;
    return bytes;
  }

  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }
}
