import { splitLines } from '#core/formats/split-lines.ts';
import type { ObjectHead, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** A parsed line of results.jsonl. */
export type ResultLine = Readonly<Record<string, unknown>>;

export interface SizedLine {
  readonly line: ResultLine;
  readonly sizeBytes: number;
}

/** Longest result line that is read back: a text's columns and an embedding stay far below it. */
const LINE_LIMIT_BYTES = 64 * 1_048_576;

/** The lines of a results file, in order, one at a time. Throws `corrupt_object` for a damaged one. */
export async function* resultLines(
  objectStore: ObjectStore,
  results: ObjectHead,
): AsyncGenerator<SizedLine> {
  const chunks = objectStore.stream(results.key, { ifMatch: results.etag });
  const lines = splitLines(chunks, { startByte: 0, lineBytes: LINE_LIMIT_BYTES });
  for await (const { content, offset, sizeBytes } of lines) {
    yield { line: parseLine(results.key, offset, content), sizeBytes };
  }
}

function parseLine(key: string, offset: number, content: Uint8Array | undefined): ResultLine {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(content));
    if (isRecord(value)) return value;
  } catch {
    // Told below, without the line itself: it holds a user's texts.
  }
  throw new SwitchyardError('corrupt_object', `${key} has no readable line at byte ${offset}`);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
