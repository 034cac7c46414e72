import { compareObjectKeys } from '#core/object-keys.ts';
import type { ByteRange, ObjectHead, ObjectSegment } from '#core/ports/object-store.ts';

export interface StoredObject {
  readonly head: ObjectHead;
  readonly bytes: Uint8Array;
  /** Which write made it, where the writer said so: metadata beside the object. */
  readonly writeId: string;
}

/** One request as the service sees it. Each takes effect in one instant, or not at all. */
export type BucketRequest =
  | { readonly kind: 'head'; readonly key: string }
  | {
      readonly kind: 'get';
      readonly key: string;
      readonly range?: ByteRange;
      readonly ifMatch?: string;
    }
  | {
      readonly kind: 'put';
      readonly key: string;
      readonly body: Uint8Array;
      readonly ifAbsent: boolean;
      readonly writeId: string;
    }
  | { readonly kind: 'list'; readonly prefix: string; readonly startAfter: string }
  | { readonly kind: 'delete'; readonly key: string }
  | {
      readonly kind: 'concatenate';
      readonly key: string;
      readonly segments: readonly ObjectSegment[];
      readonly writeId: string;
    };

/** The service's answer; a 4xx is an answer too. */
export type BucketAnswer =
  | { readonly kind: 'object'; readonly object: StoredObject | undefined }
  | { readonly kind: 'page'; readonly heads: readonly ObjectHead[]; readonly isLast: boolean }
  | { readonly kind: 'done' }
  | { readonly kind: 'exists' }
  | { readonly kind: 'changed' }
  | { readonly kind: 'no-source' };

/** What is told of every change, in the instant in which it happens. */
export type OnChange = (change: {
  readonly key: string;
  readonly before: StoredObject | undefined;
  readonly after: StoredObject | undefined;
  readonly writer: string;
}) => void;

/** Small, so that listings take several requests, between which the world goes on. */
const PAGE_KEYS = 20;

/** A strongly consistent bucket, as S3 is: every request sees all writes that took effect before. */
export class SimulatedBucket {
  readonly #objects = new Map<string, StoredObject>();
  readonly #onChange: OnChange;
  #version = 0;
  requests = 0;

  constructor(onChange: OnChange) {
    this.#onChange = onChange;
  }

  /** What is stored under a key, outside any request: for checks. */
  peek(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  keys(prefix: string): string[] {
    return [...this.#objects.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort(compareObjectKeys);
  }

  apply(request: BucketRequest, writer: string): BucketAnswer {
    this.requests += 1;
    switch (request.kind) {
      case 'head':
        return { kind: 'object', object: this.#objects.get(request.key) };
      case 'get':
        return this.#get(request);
      case 'put': {
        if (request.ifAbsent && this.#objects.has(request.key)) return { kind: 'exists' };
        return this.#write(request.key, Uint8Array.from(request.body), request.writeId, writer);
      }
      case 'list':
        return this.#list(request);
      case 'delete':
        return this.#delete(request.key, writer);
      case 'concatenate':
        return this.#concatenate(request, writer);
    }
  }

  #get(request: Extract<BucketRequest, { kind: 'get' }>): BucketAnswer {
    const object = this.#objects.get(request.key);
    const { ifMatch, range } = request;
    // S3 answers 404 for an object that is gone, whatever version was wanted.
    if (object === undefined)
      return ifMatch === undefined ? { kind: 'object', object } : { kind: 'changed' };
    if (ifMatch !== undefined && object.head.etag !== ifMatch) return { kind: 'changed' };
    const bytes =
      range === undefined ? object.bytes : object.bytes.subarray(range.startByte, range.endByte);
    return { kind: 'object', object: { ...object, bytes } };
  }

  #list(request: Extract<BucketRequest, { kind: 'list' }>): BucketAnswer {
    const { prefix, startAfter } = request;
    const keys = this.keys(prefix).filter((key) => compareObjectKeys(key, startAfter) > 0);
    const heads = keys.slice(0, PAGE_KEYS).flatMap((key) => this.#objects.get(key)?.head ?? []);
    return { kind: 'page', heads, isLast: keys.length <= PAGE_KEYS };
  }

  #delete(key: string, writer: string): BucketAnswer {
    const before = this.#objects.get(key);
    this.#objects.delete(key);
    if (before !== undefined) this.#onChange({ key, before, after: undefined, writer });
    return { kind: 'done' };
  }

  #concatenate(
    request: Extract<BucketRequest, { kind: 'concatenate' }>,
    writer: string,
  ): BucketAnswer {
    if (this.#objects.has(request.key)) return { kind: 'exists' };
    const pieces: Uint8Array[] = [];
    for (const { key, range } of request.segments) {
      const source = this.#objects.get(key);
      if (source === undefined) return { kind: 'no-source' };
      pieces.push(
        range === undefined ? source.bytes : source.bytes.subarray(range.startByte, range.endByte),
      );
    }
    return this.#write(request.key, Buffer.concat(pieces), request.writeId, writer);
  }

  #write(key: string, bytes: Uint8Array, writeId: string, writer: string): BucketAnswer {
    this.#version += 1;
    const before = this.#objects.get(key);
    const after = {
      bytes,
      writeId,
      head: { key, sizeBytes: bytes.length, etag: `v${this.#version}` },
    };
    this.#objects.set(key, after);
    this.#onChange({ key, before, after, writer });
    return { kind: 'done' };
  }
}
