/**
 * A flat store of immutable-by-default objects. Correctness of jobs rests on `putIfAbsent` alone
 * (DESIGN: jobs); everything else may be repeated. The first segment of a key names the bucket:
 * `bucket/` holds what users put in and take out, `work/` what jobs write about themselves.
 *
 * Keys: 1–900 UTF-8 bytes, segments of 1–255 bytes joined by `/`, no `.` or `..` segment, no NUL,
 * no leading or trailing `/`. Anything else throws `invalid_key` before the store is touched.
 */
export interface ObjectStore {
  /** Size and version of an object, or undefined where there is none. */
  head(key: string): Promise<ObjectHead | undefined>;
  /** The bytes of an object or of a range of it, or undefined where there is none. */
  read(key: string, options?: ReadOptions): Promise<Uint8Array | undefined>;
  /** The bytes in chunks, for objects that may be large. Throws `object_not_found`. */
  stream(key: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Writes or replaces an object; durable (on disk, all bytes or none) when it resolves. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Writes an object unless one is there. Of any number of racers exactly one gets `true`. */
  putIfAbsent(key: string, body: Uint8Array): Promise<boolean>;
  /**
   * Objects whose key starts with `prefix`, in ascending order of the key's UTF-8 bytes.
   * An object that is there during the whole listing is always listed.
   */
  list(prefix: string, options?: ListOptions): AsyncIterable<ObjectHead>;
  /** Removes an object; no error where there is none. */
  delete(key: string): Promise<void>;
  /**
   * Joins segments of objects, in order, into a new object unless one is there; memory stays flat.
   * Throws `object_not_found` where a source is missing. No segments give an empty object.
   */
  concatenateIfAbsent(key: string, segments: readonly ObjectSegment[]): Promise<boolean>;
}

export interface ObjectHead {
  readonly key: string;
  readonly sizeBytes: number;
  /** Opaque version: two states of one key never share it. */
  readonly etag: string;
}

/** Half open: the byte at `endByte` is not part of it. An end past the object is cut to its size. */
export interface ByteRange {
  readonly startByte: number;
  readonly endByte: number;
}

export interface ReadOptions {
  /**
   * Part of the object to read.
   *
   * @default - the whole object
   */
  readonly range?: ByteRange;
  /**
   * Version that must still be there; otherwise `object_changed` is thrown.
   *
   * @default - any version
   */
  readonly ifMatch?: string;
}

export interface ListOptions {
  /**
   * Only keys after this one.
   *
   * @default - from the first key
   */
  readonly startAfter?: string;
}

export interface ObjectSegment {
  readonly key: string;
  /**
   * Part of the source object to take.
   *
   * @default - the whole object
   */
  readonly range?: ByteRange;
}
