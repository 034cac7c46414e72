import { assertObjectKey, assertObjectPrefix } from '#core/object-keys.ts';
import type { ObjectSegment, ObjectStore, ReadOptions } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { BucketAnswer, BucketRequest, StoredObject } from './simulated-bucket.ts';
import { RequestFailed, sendToBucket } from './simulated-network.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { count, type World } from './world.ts';

const MAX_TRIES = 6;
const FIRST_BACKOFF_MILLIS = 100;

/**
 * The object store of one process, over a network that fails, as an adapter to S3 makes it.
 *
 * What it promises is what work may rely on. A call that resolves tells the truth. A call that rejects
 * with a {@link SwitchyardError} had no effect. A call that rejects with anything else leaves open
 * whether its write took effect, did not, or will within the minute: the caller must be able to die
 * there and be started again. `putIfAbsent` says `true` to one racer; where the answer to its own
 * write was lost, it looks at what stands there and recognises it by a write id beside the bytes (the
 * bytes alone would tell two racers with equal bodies `true`).
 */
export class RetryingStore implements ObjectStore {
  readonly #world: World;
  readonly #process: SimulatedProcess;
  #writes = 0;

  constructor(world: World, process: SimulatedProcess) {
    this.#world = world;
    this.#process = process;
  }

  async head(key: string) {
    checkKey(key);
    return objectOf(await this.#send({ kind: 'head', key }))?.head;
  }

  async read(key: string, options: ReadOptions = {}) {
    checkKey(key);
    for (let tries = 1; ; tries += 1) {
      const object = await this.#get(key, options);
      if (object === undefined || !this.#breaksOff()) return object?.bytes.slice();
      if (tries === MAX_TRIES) throw new RequestFailed(`get ${key}: the body broke off`);
    }
  }

  /** Goes on behind the last byte it got, in the version it began with, when a body breaks off. */
  async *stream(key: string, options: ReadOptions = {}) {
    checkKey(key);
    let place = options;
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const object = await this.#get(key, place);
      if (object === undefined) {
        throw new SwitchyardError('object_not_found', 'there is no such object');
      }
      const breaksOff = this.#breaksOff();
      const got = breaksOff ? this.#beginning(object.bytes) : object.bytes;
      yield* this.#chunks(got);
      if (!breaksOff) return;
      const { startByte, endByte } = place.range ?? { startByte: 0, endByte: Infinity };
      const range = { startByte: startByte + got.length, endByte };
      place = { range, ifMatch: object.head.etag };
    }
    throw new RequestFailed(`get ${key}: the body broke off`);
  }

  #beginning(bytes: Uint8Array): Uint8Array {
    return bytes.subarray(0, this.#world.random.below(bytes.length + 1));
  }

  *#chunks(bytes: Uint8Array) {
    const chunkBytes = 100 + this.#world.random.below(4_000);
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.slice(at, at + chunkBytes);
  }

  async put(key: string, body: Uint8Array) {
    checkKey(key);
    await this.#send({ kind: 'put', key, body, ifAbsent: false, writeId: this.#nextWriteId() });
  }

  async putIfAbsent(key: string, body: Uint8Array) {
    checkKey(key);
    const writeId = this.#nextWriteId();
    return await this.#create({ kind: 'put', key, body, ifAbsent: true, writeId });
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}) {
    assertObjectPrefix(prefix);
    let startAfter = options.startAfter ?? '';
    for (;;) {
      const page = await this.#send({ kind: 'list', prefix, startAfter });
      if (page.kind !== 'page') throw unexpected(page);
      yield* page.heads;
      startAfter = page.heads.at(-1)?.key ?? startAfter;
      if (page.isLast) return;
    }
  }

  async delete(key: string) {
    checkKey(key);
    await this.#send({ kind: 'delete', key });
  }

  async concatenateIfAbsent(key: string, segments: readonly ObjectSegment[]) {
    checkKey(key);
    const writeId = this.#nextWriteId();
    return await this.#create({ kind: 'concatenate', key, segments, writeId });
  }

  async #create(
    request: Extract<BucketRequest, { kind: 'put' | 'concatenate' }>,
  ): Promise<boolean> {
    let isAmbiguous = false;
    const answer = await this.#send(request, () => {
      isAmbiguous = true;
    });
    if (answer.kind === 'no-source')
      throw new SwitchyardError('object_not_found', 'a source is gone');
    if (answer.kind === 'done') return true;
    if (!isAmbiguous) return false;
    count(this.#world, 'ambiguous 412');
    const stored = objectOf(await this.#send({ kind: 'head', key: request.key }));
    return stored?.writeId === request.writeId;
  }

  async #get(key: string, { range, ifMatch }: ReadOptions): Promise<StoredObject | undefined> {
    const wanted = { ...(range && { range }), ...(ifMatch !== undefined && { ifMatch }) };
    const answer = await this.#send({ kind: 'get', key, ...wanted });
    if (answer.kind !== 'changed') return objectOf(answer);
    throw new SwitchyardError('object_changed', 'the object is not in that version any more');
  }

  async #send(request: BucketRequest, onFailure: () => void = () => {}): Promise<BucketAnswer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await sendToBucket(this.#world, this.#process, request);
      } catch (error) {
        if (!(error instanceof RequestFailed) || tries === MAX_TRIES) throw error;
        onFailure();
      }
      const backoffMillis = FIRST_BACKOFF_MILLIS * 2 ** (tries - 1);
      await this.#process.clock.sleep(backoffMillis * (0.5 + this.#world.random.fraction()));
    }
  }

  #breaksOff(): boolean {
    const { faults, time, random } = this.#world;
    return time.nowMillis < faults.endsAtMillis && random.fraction() < faults.brokenBody;
  }

  #nextWriteId(): string {
    this.#writes += 1;
    return `${this.#process.name}#${this.#writes}`;
  }
}

const knownKeys = new Set<string>();

/** The check of every store; the same keys come again and again, in one seed and in the next. */
function checkKey(key: string): void {
  if (knownKeys.has(key)) return;
  assertObjectKey(key);
  if (knownKeys.size < 100_000) knownKeys.add(key);
}

function objectOf(answer: BucketAnswer): StoredObject | undefined {
  if (answer.kind === 'object') return answer.object;
  throw unexpected(answer);
}

function unexpected(answer: BucketAnswer): RequestFailed {
  return new RequestFailed(`an answer of another kind: ${answer.kind}`);
}
