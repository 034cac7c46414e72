import { BOM, type Line, PendingLine } from './split-lines.ts';

/** One record of a CSV file, its quoted line ends included. */
export interface CsvRecord extends Line {
  /** Physical lines that it spans. */
  readonly lines: number;
  /** Lines of the record before the quote that the file never closed; undefined in a whole record. */
  readonly openQuoteLine: number | undefined;
}

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/**
 * Cuts a byte stream into the records of RFC 4180; memory stays below `lineBytes` plus one chunk. Only
 * a quote at the start of a field opens a quoted one. A record over the limit is read up to its own
 * end, so that no stretch of a quoted text is ever taken for rows.
 *
 * @param source.startByte offset of the first chunk in the file; it must be the start of a record
 */
export async function* splitCsv(
  chunks: AsyncIterable<Uint8Array>,
  source: { readonly startByte: number; readonly lineBytes: number; readonly delimiter: string },
): AsyncGenerator<CsvRecord> {
  const { startByte, lineBytes } = source;
  const delimiter = source.delimiter.charCodeAt(0);
  let scanner = new RecordScanner(delimiter, startByte === 0);
  let pending = new PendingLine(startByte, lineBytes);
  for await (const chunk of chunks) {
    let from = 0;
    while (from < chunk.length) {
      const end = scanner.findEnd(chunk, from);
      if (end === -1) break;
      pending.add(chunk.subarray(from, end));
      yield { ...pending.finish(), lines: scanner.lineFeeds + 1, openQuoteLine: undefined };
      pending = new PendingLine(pending.endByte, lineBytes);
      scanner = new RecordScanner(delimiter, false);
      from = end;
    }
    if (from < chunk.length) pending.add(chunk.subarray(from));
  }
  if (pending.sizeBytes === 0) return;
  yield {
    ...pending.finish(),
    lines: scanner.lineFeeds + 1,
    openQuoteLine: scanner.openQuoteLine,
  };
}

/**
 * Finds the end of one record. `closing`: just after a quote inside a quoted field, which either ends
 * it or is the first of a doubled one.
 */
class RecordScanner {
  readonly #delimiter: number;
  #state: 'bom' | 'field' | 'plain' | 'quoted' | 'closing' | 'ended';
  #bomBytes = 0;
  #quoteLine = 0;
  /** Line feeds inside quotes so far. */
  lineFeeds = 0;

  constructor(delimiter: number, mayHaveBom: boolean) {
    this.#delimiter = delimiter;
    this.#state = mayHaveBom ? 'bom' : 'field';
  }

  get openQuoteLine(): number | undefined {
    return this.#state === 'quoted' ? this.#quoteLine : undefined;
  }

  /** Where the next record starts, or -1 where the chunk ends first. */
  findEnd(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length && this.#state !== 'ended') at = this.#step(chunk, at);
    return this.#state === 'ended' ? at : -1;
  }

  #step(chunk: Uint8Array, at: number): number {
    switch (this.#state) {
      case 'bom':
        return this.#skipBom(chunk, at);
      case 'field':
        return this.#startField(chunk, at);
      case 'plain':
        return this.#skipPlain(chunk, at);
      case 'quoted':
        return this.#skipQuoted(chunk, at);
      case 'closing':
        return this.#afterQuote(chunk, at);
      case 'ended':
        return at;
    }
  }

  #skipBom(chunk: Uint8Array, at: number): number {
    const isNext = chunk[at] === BOM[this.#bomBytes];
    if (isNext) this.#bomBytes += 1;
    if (this.#bomBytes === BOM.length) this.#state = 'field';
    else if (!isNext) this.#state = this.#bomBytes === 0 ? 'field' : 'plain';
    return isNext ? at + 1 : at;
  }

  #startField(chunk: Uint8Array, at: number): number {
    if (chunk[at] === QUOTE) return this.#openQuote(at);
    this.#state = 'plain';
    return at;
  }

  #openQuote(at: number): number {
    this.#state = 'quoted';
    this.#quoteLine = this.lineFeeds;
    return at + 1;
  }

  /** Unquoted fields, up to a field that is quoted or the end of the record. */
  #skipPlain(chunk: Uint8Array, at: number): number {
    const lineFeed = chunk.indexOf(LINE_FEED, at);
    const end = lineFeed === -1 ? chunk.length : lineFeed;
    const quote = at + chunk.subarray(at, end).indexOf(QUOTE);
    if (quote >= at) {
      if (quote > at && chunk[quote - 1] === this.#delimiter) return this.#openQuote(quote);
      return quote + 1;
    }
    if (lineFeed !== -1) this.#state = 'ended';
    else if (chunk[end - 1] === this.#delimiter) this.#state = 'field';
    return lineFeed === -1 ? end : end + 1;
  }

  #skipQuoted(chunk: Uint8Array, at: number): number {
    const quote = chunk.indexOf(QUOTE, at);
    const end = quote === -1 ? chunk.length : quote;
    for (let feed = at - 1; ; this.lineFeeds += 1) {
      feed = chunk.indexOf(LINE_FEED, feed + 1);
      if (feed === -1 || feed >= end) break;
    }
    if (quote === -1) return end;
    this.#state = 'closing';
    return quote + 1;
  }

  #afterQuote(chunk: Uint8Array, at: number): number {
    const byte = chunk[at];
    if (byte === QUOTE) this.#state = 'quoted';
    else if (byte === this.#delimiter) this.#state = 'field';
    else if (byte === LINE_FEED) this.#state = 'ended';
    else this.#state = 'plain';
    return at + 1;
  }
}
