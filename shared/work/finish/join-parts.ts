import { createHash } from 'node:crypto';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { ObjectSegment, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { CheckedPart } from './check-parts.ts';

export type PartSection = 'results' | 'errors';

export type JoinOutcome =
  | {
      readonly kind: 'joined';
      readonly file: {
        readonly rows: number;
        readonly size_bytes: number;
        readonly sha256: string;
      };
    }
  /** Parts whose bytes are not what their footers say; the joined object was removed again. */
  | { readonly kind: 'damaged'; readonly cells: readonly Cell[] };

/**
 * Joins one section of all parts, or adopts what an earlier merger joined; then reads the result once
 * and holds every stretch of it against the SHA-256 in its part's footer. Throws `corrupt_object`
 * where the parts are whole and the object is not theirs.
 */
export async function joinParts(
  objectStore: ObjectStore,
  key: string,
  from: { readonly parts: readonly CheckedPart[]; readonly section: PartSection },
): Promise<JoinOutcome> {
  const { section } = from;
  const parts = from.parts.filter(({ footer }) => footer[section].sizeBytes > 0);
  await objectStore.concatenateIfAbsent(
    key,
    parts.map((part) => segmentOf(part, section)),
  );
  const read = await readJoined(objectStore, key, { parts, section });
  if (read.strange.length === 0 && read.isWhole) {
    const rows = parts.reduce((sum, { footer }) => sum + footer[section].rows, 0);
    return {
      kind: 'joined',
      file: { rows, size_bytes: read.sizeBytes, sha256: read.sha256 },
    };
  }
  const damaged = await damagedOf(objectStore, read.strange, section);
  if (damaged.length === 0) {
    const detail = `${key} is not what the parts add up to; something else wrote it: move it away and resume the job`;
    throw new SwitchyardError('corrupt_object', detail);
  }
  await objectStore.delete(key);
  return { kind: 'damaged', cells: damaged };
}

/** Where a section lies in its part. */
export function segmentOf({ key, footer }: CheckedPart, section: PartSection): ObjectSegment {
  const startByte = section === 'results' ? 0 : footer.results.sizeBytes;
  return { key, range: { startByte, endByte: startByte + footer[section].sizeBytes } };
}

interface ReadBack {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Parts whose stretch of the object has another SHA-256. */
  readonly strange: readonly CheckedPart[];
  readonly isWhole: boolean;
}

async function readJoined(
  objectStore: ObjectStore,
  key: string,
  from: { readonly parts: readonly CheckedPart[]; readonly section: PartSection },
): Promise<ReadBack> {
  const whole = createHash('sha256');
  const stretches = new StretchHashes(from.parts.map(({ footer }) => footer[from.section]));
  let sizeBytes = 0;
  for await (const chunk of objectStore.stream(key)) {
    whole.update(chunk);
    stretches.update(chunk);
    sizeBytes += chunk.length;
  }
  const wrong = stretches.wrong();
  const expectedBytes = from.parts.reduce(
    (sum, { footer }) => sum + footer[from.section].sizeBytes,
    0,
  );
  return {
    sizeBytes,
    sha256: whole.digest('hex'),
    strange: from.parts.filter((_, at) => wrong.has(at)),
    isWhole: sizeBytes === expectedBytes,
  };
}

/** Hashes a stream stretch by stretch and compares each with what it should be. */
class StretchHashes {
  readonly #expected: readonly { readonly sizeBytes: number; readonly sha256: string }[];
  readonly #right = new Set<number>();
  #at = 0;
  #hashedBytes = 0;
  #hash = createHash('sha256');

  constructor(expected: readonly { readonly sizeBytes: number; readonly sha256: string }[]) {
    this.#expected = expected;
  }

  update(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.length) {
      const stretch = this.#expected[this.#at];
      if (stretch === undefined) return;
      const take = Math.min(chunk.length - from, stretch.sizeBytes - this.#hashedBytes);
      this.#hash.update(chunk.subarray(from, from + take));
      this.#hashedBytes += take;
      from += take;
      if (this.#hashedBytes === stretch.sizeBytes) this.#next(stretch.sha256);
    }
  }

  /** Places of the stretches that differ or never came. */
  wrong(): ReadonlySet<number> {
    return new Set([...this.#expected.keys()].filter((at) => !this.#right.has(at)));
  }

  #next(sha256: string): void {
    if (this.#hash.digest('hex') === sha256) this.#right.add(this.#at);
    this.#at += 1;
    this.#hashedBytes = 0;
    this.#hash = createHash('sha256');
  }
}

/** Of the suspects, those whose own bytes are wrong. */
async function damagedOf(
  objectStore: ObjectStore,
  suspects: readonly CheckedPart[],
  section: PartSection,
): Promise<Cell[]> {
  const damaged: Cell[] = [];
  for (const part of suspects) {
    const { key, range } = segmentOf(part, section);
    const bytes = await objectStore.read(key, range === undefined ? {} : { range });
    const sha256 = createHash('sha256')
      .update(bytes ?? new Uint8Array(0))
      .digest('hex');
    if (sha256 !== part.footer[section].sha256) damaged.push(part.cell);
  }
  return damaged;
}
