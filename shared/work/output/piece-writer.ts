import { createHash } from 'node:crypto';
import type { ObjectStore } from '#core/ports/object-store.ts';

/** Size of a piece: above the least size of a part of a joined S3 object, and cheap to hold. */
const PIECE_BYTES = 8 * 1_048_576;

/** What was written: enough to tell it from anything else. */
export interface WrittenBytes {
  readonly pieces: readonly string[];
  readonly sizeBytes: number;
  readonly sha256: string;
}

/**
 * Writes content of any length as objects of 8 MiB below `prefix`, holding one piece at a time. Pieces
 * that another run left there are kept where they are the same (somebody may be joining them) and
 * replaced where they are not, so two versions never mix.
 */
export async function writePieces(
  objectStore: ObjectStore,
  prefix: string,
  content: AsyncIterable<Uint8Array>,
): Promise<WrittenBytes> {
  const hash = createHash('sha256');
  const pieces: string[] = [];
  let sizeBytes = 0;
  for await (const piece of cutIntoPieces(content)) {
    const key = `${prefix}${String(pieces.length).padStart(6, '0')}`;
    await putUnlessEqual(objectStore, key, piece);
    hash.update(piece);
    pieces.push(key);
    sizeBytes += piece.length;
  }
  return { pieces, sizeBytes, sha256: hash.digest('hex') };
}

async function* cutIntoPieces(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const chunk of content) {
    let rest = chunk;
    while (waitingBytes + rest.length >= PIECE_BYTES) {
      const room = PIECE_BYTES - waitingBytes;
      yield Buffer.concat([...waiting, rest.subarray(0, room)]);
      rest = rest.subarray(room);
      waiting = [];
      waitingBytes = 0;
    }
    if (rest.length > 0) waiting.push(rest);
    waitingBytes += rest.length;
  }
  if (waitingBytes > 0) yield Buffer.concat(waiting);
}

async function putUnlessEqual(store: ObjectStore, key: string, piece: Uint8Array): Promise<void> {
  if (await store.putIfAbsent(key, piece)) return;
  const standing = await store.read(key);
  if (standing === undefined || Buffer.compare(standing, piece) !== 0) await store.put(key, piece);
}
