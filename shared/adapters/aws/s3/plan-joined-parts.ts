import { SwitchyardError } from '#core/switchyard-error.ts';

/** S3 refuses smaller parts, except the last one. */
export const MIN_PART_BYTES = 5 * 1024 ** 2;

/** Below it, one PUT is cheaper than the three requests that a multipart upload needs at least. */
export const SINGLE_PUT_BYTES = 8 * 1024 ** 2;

/** A stretch of a source object; `key` is a key of the port. */
export interface SourcePiece {
  readonly key: string;
  readonly startByte: number;
  readonly sizeBytes: number;
  /** Version to read, where the source was asked for its size; else its bytes are taken on trust. */
  readonly etag?: string;
}

/** One part of the upload: copied inside S3, or read and joined here. */
export type JoinedPart =
  | { readonly kind: 'copy'; readonly piece: SourcePiece }
  | { readonly kind: 'join'; readonly pieces: readonly SourcePiece[]; readonly sizeBytes: number };

/** Sizes of the parts of a join of `totalBytes`: S3 takes 10,000 parts of at most 5 GiB. */
export function partSizes(totalBytes: number): { partBytes: number; copyBytes: number } {
  const fair = Math.ceil(totalBytes / 9_000);
  return { partBytes: Math.max(SINGLE_PUT_BYTES, fair), copyBytes: Math.max(MIN_PART_BYTES, fair) };
}

/** A copy of this size takes S3 seconds; one of its largest part would outlast a time-out. */
const LONGEST_COPY_BYTES = 256 * 1024 ** 2;

/**
 * Cuts pieces into parts, in order. A piece (or a run of neighbouring pieces of one object) long
 * enough to be a part is copied inside S3; what lies between is joined into parts of `partBytes`,
 * topped up from the next long piece where it alone would be too small for a part.
 */
export function planJoinedParts(pieces: readonly SourcePiece[]): JoinedPart[] {
  const runs = joinNeighbours(pieces);
  const plan = new PartPlan(runs.reduce((total, { sizeBytes }) => total + sizeBytes, 0));
  for (const run of runs) {
    plan.add(run);
  }
  return plan.finish();
}

class PartPlan {
  readonly #partBytes: number;
  readonly #copyBytes: number;
  readonly #parts: JoinedPart[] = [];
  #pending: SourcePiece[] = [];
  #pendingBytes = 0;

  constructor(totalBytes: number) {
    const { partBytes, copyBytes } = partSizes(totalBytes);
    this.#partBytes = partBytes;
    this.#copyBytes = copyBytes;
  }

  add(piece: SourcePiece): void {
    const topUpBytes = this.#pendingBytes === 0 ? 0 : this.#missingBytes();
    if (piece.sizeBytes - topUpBytes < this.#copyBytes) {
      this.#join(piece);
      return;
    }
    this.#join(cut(piece, 0, topUpBytes));
    this.#flush();
    this.#copy(cut(piece, topUpBytes, piece.sizeBytes));
  }

  finish(): JoinedPart[] {
    this.#flush();
    return this.#parts;
  }

  #missingBytes(): number {
    return Math.max(0, this.#copyBytes - this.#pendingBytes);
  }

  #join(piece: SourcePiece): void {
    for (let at = 0; at < piece.sizeBytes; ) {
      const sizeBytes = Math.min(piece.sizeBytes - at, this.#partBytes - this.#pendingBytes);
      this.#pending.push(cut(piece, at, at + sizeBytes));
      this.#pendingBytes += sizeBytes;
      at += sizeBytes;
      if (this.#pendingBytes === this.#partBytes) {
        this.#flush();
      }
    }
  }

  #flush(): void {
    if (this.#pendingBytes > 0) {
      this.#parts.push({ kind: 'join', pieces: this.#pending, sizeBytes: this.#pendingBytes });
      this.#pending = [];
      this.#pendingBytes = 0;
    }
  }

  /** In stretches of like length, so that none of them is too small for a part. */
  #copy(piece: SourcePiece): void {
    const stretches = Math.ceil(piece.sizeBytes / Math.max(LONGEST_COPY_BYTES, this.#copyBytes));
    for (let stretch = 0; stretch < stretches; stretch++) {
      const from = Math.floor((piece.sizeBytes * stretch) / stretches);
      const to = Math.floor((piece.sizeBytes * (stretch + 1)) / stretches);
      this.#parts.push({ kind: 'copy', piece: cut(piece, from, to) });
    }
  }
}

function joinNeighbours(pieces: readonly SourcePiece[]): SourcePiece[] {
  const runs: SourcePiece[] = [];
  for (const piece of pieces) {
    const last = runs.at(-1);
    const continues =
      last?.key === piece.key &&
      last.etag === piece.etag &&
      last.startByte + last.sizeBytes === piece.startByte;
    if (last !== undefined && continues) {
      runs[runs.length - 1] = { ...last, sizeBytes: last.sizeBytes + piece.sizeBytes };
    } else if (piece.sizeBytes > 0) {
      runs.push(piece);
    }
  }
  return runs;
}

function cut(piece: SourcePiece, from: number, to: number): SourcePiece {
  return { ...piece, startByte: piece.startByte + from, sizeBytes: to - from };
}

/** Thrown where a source that was taken on trust is shorter than the range asked of it. */
export class SourceShorter extends SwitchyardError {
  constructor() {
    super('object_changed', 'A source ends before the range that was asked of it.');
  }
}
