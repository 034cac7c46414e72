/** One physical line of a text file. */
export interface Line {
  /** First byte, counted from the start of the file. */
  readonly offset: number;
  /** Bytes up to the next line's first byte, the line end included. */
  readonly sizeBytes: number;
  /** The content without `\n`, `\r\n` and a leading BOM; undefined where it is over the limit. */
  readonly content: Uint8Array | undefined;
  /** Only ASCII white space: not a row. */
  readonly blank: boolean;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Byte order mark of UTF-8. */
export const BOM = [0xef, 0xbb, 0xbf] as const;
const noBytes = new Uint8Array(0);

/**
 * Cuts a byte stream into lines; memory stays below `lineBytes` plus one chunk, however long a line
 * is. A file may end without a line end; a BOM is dropped at the start of the file only.
 *
 * @param source.startByte offset of the first chunk in the file; it must be the start of a line
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  source: { readonly startByte: number; readonly lineBytes: number },
): AsyncGenerator<Line> {
  let pending = new PendingLine(source.startByte, source.lineBytes);
  for await (const chunk of chunks) {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, from);
      if (end === -1) break;
      pending.add(chunk.subarray(from, end + 1));
      yield pending.finish();
      pending = new PendingLine(pending.endByte, source.lineBytes);
      from = end + 1;
    }
    if (from < chunk.length) pending.add(chunk.subarray(from));
  }
  if (pending.sizeBytes > 0) yield pending.finish();
}

/** The line or record that is being collected. Keeps at most the limit; past it, only counts. */
export class PendingLine {
  readonly #offset: number;
  readonly #lineBytes: number;
  /** The line end and a BOM are kept too, but do not count towards the limit. */
  readonly #keptBytes: number;
  #pieces: Uint8Array[] = [];
  #blank = true;
  sizeBytes = 0;

  constructor(offset: number, lineBytes: number) {
    this.#offset = offset;
    this.#lineBytes = lineBytes;
    this.#keptBytes = lineBytes + 2 + (offset === 0 ? BOM.length : 0);
  }

  get endByte(): number {
    return this.#offset + this.sizeBytes;
  }

  add(piece: Uint8Array): void {
    this.#blank &&= isBlank(piece);
    this.sizeBytes += piece.length;
    if (this.sizeBytes <= this.#keptBytes) this.#pieces.push(piece);
    else this.#pieces = [];
  }

  finish(): Line {
    const { sizeBytes } = this;
    const offset = this.#offset;
    if (sizeBytes > this.#keptBytes) {
      return { offset, sizeBytes, content: undefined, blank: this.#blank };
    }
    const trimmed = trimLine(join(this.#pieces));
    const body = offset === 0 ? dropBom(trimmed) : trimmed;
    const content = body.length > this.#lineBytes ? undefined : body;
    return { offset, sizeBytes, content, blank: isBlank(body) };
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (first === undefined) return noBytes;
  if (pieces.length === 1) return first;
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

function trimLine(line: Uint8Array): Uint8Array {
  let end = line.length;
  if (line[end - 1] === LINE_FEED) end -= 1;
  if (line[end - 1] === CARRIAGE_RETURN) end -= 1;
  return line.subarray(0, end);
}

function dropBom(bytes: Uint8Array): Uint8Array {
  return BOM.every((byte, at) => bytes[at] === byte) ? bytes.subarray(BOM.length) : bytes;
}

// Space, tab, line feed, vertical tab, form feed, carriage return.
function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
