import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';
import { bytesOf, collect, hasCode } from './contract-expectations.ts';
import { listCases } from './object-store-list-cases.ts';

/** What every object store must do; the promises are in shared/core/ports/object-store.ts. */
export function describeObjectStore(subject: ContractSubject<ObjectStore>): void {
  describeContract(subject, { ...readCases, ...writeCases, ...listCases });
}

const readCases: Record<string, ContractCase<ObjectStore>> = {
  async 'answers undefined for an absent object'(store) {
    assert.equal(await store.head('bucket/none'), undefined);
    assert.equal(await store.read('bucket/none'), undefined);
    assert.equal(
      await store.read('bucket/none/below', { range: { startByte: 0, endByte: 1 } }),
      undefined,
    );
    await assert.rejects(collect(store.stream('bucket/none')), hasCode('object_not_found'));
  },

  async 'gives back the bytes that were put, whole and streamed'(store) {
    for (const sizeBytes of [0, 1, 4096, 65_537, 3_000_001]) {
      const body = randomBytes(sizeBytes);
      await store.put('bucket/a/b', body);

      const head = await store.head('bucket/a/b');
      assert.equal(head?.key, 'bucket/a/b');
      assert.equal(head.sizeBytes, sizeBytes);
      assert.deepEqual(await store.read('bucket/a/b'), new Uint8Array(body));
      const chunks = await collect(store.stream('bucket/a/b'));
      assert.ok(Buffer.concat(chunks).equals(body));
      assert.ok(chunks.every((chunk) => chunk.length <= 8 * 1024 * 1024));
    }
  },

  async 'reads any range as a slice, cut to the size of the object'(store) {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 600 }),
      fc.nat(700),
      fc.nat(700),
      async (body, startByte, endByte) => {
        await store.put('bucket/r', body);

        const range = { startByte, endByte };
        const expected = body.slice(startByte, Math.max(startByte, endByte));
        assert.deepEqual(await store.read('bucket/r', { range }), Uint8Array.from(expected));
        assert.deepEqual(await bytesOf(store.stream('bucket/r', { range })), Buffer.from(expected));
      },
    );
    await fc.assert(property, { numRuns: 60 });
  },

  async 'streams a range that crosses chunks'(store) {
    const body = randomBytes(2_500_000);
    await store.put('bucket/large', body);

    const range = { startByte: 262_143, endByte: 2_400_001 };
    const bytes = await bytesOf(store.stream('bucket/large', { range }));
    assert.ok(bytes.equals(body.subarray(range.startByte, range.endByte)));
  },

  async 'refuses a range that is not one'(store) {
    await store.put('bucket/r', Buffer.from('abc'));
    for (const startByte of [-1, 0.5, Number.NaN]) {
      const range = { startByte, endByte: 2 };
      await assert.rejects(store.read('bucket/r', { range }), hasCode('invalid_request'));
    }
  },

  async 'reads the version of ifMatch and refuses any other'(store) {
    await store.put('bucket/v', Buffer.from('one'));
    const etag = (await store.head('bucket/v'))?.etag ?? '';
    assert.equal(String(await bytesOf(store.stream('bucket/v', { ifMatch: etag }))), 'one');

    await store.put('bucket/v', Buffer.from('two'));

    const changed = hasCode('object_changed');
    await assert.rejects(store.read('bucket/v', { ifMatch: etag }), changed);
    await assert.rejects(collect(store.stream('bucket/v', { ifMatch: etag })), changed);
    await store.delete('bucket/v');
    await assert.rejects(store.read('bucket/v', { ifMatch: etag }), changed);
  },

  async 'keeps serving the version a stream began with when it is replaced'(store) {
    const before = randomBytes(2_000_000);
    await store.put('bucket/s', before);
    const chunks: Uint8Array[] = [];
    for await (const chunk of store.stream('bucket/s')) {
      if (chunks.length === 0) {
        await store.put('bucket/s', randomBytes(2_000_000));
      }
      chunks.push(chunk);
    }
    assert.ok(Buffer.concat(chunks).equals(before));
  },
};

const writeCases: Record<string, ContractCase<ObjectStore>> = {
  async 'gives each of 200 quick overwrites an etag of its own'(store) {
    const etags = new Set<string>();
    for (let round = 0; round < 200; round++) {
      await store.put('bucket/same', Buffer.from('same bytes'));
      etags.add((await store.head('bucket/same'))?.etag ?? '');
    }
    assert.equal(etags.size, 200);
  },

  async 'lets exactly one of 64 racing putIfAbsent calls win, with its bytes'(store) {
    for (let round = 0; round < 5; round++) {
      const key = `work/race/${round}`;
      const bodies = Array.from({ length: 64 }, (_, racer) => Buffer.alloc(1000, racer));
      const wins = await Promise.all(bodies.map((body) => store.putIfAbsent(key, body)));

      assert.equal(wins.filter((won) => won).length, 1);
      assert.ok(bodies[wins.indexOf(true)]?.equals((await store.read(key)) ?? Buffer.alloc(0)));
    }
  },

  async 'leaves an object alone when putIfAbsent finds it'(store) {
    await store.put('work/kept', Buffer.from('first'));
    const before = await store.head('work/kept');

    assert.equal(await store.putIfAbsent('work/kept', Buffer.from('second')), false);
    assert.deepEqual(await store.head('work/kept'), before);
  },

  async 'forgets a deleted object and lets it be written again'(store) {
    await store.delete('work/a/b/never-there');
    await store.put('work/a/b/c', Buffer.from('1'));
    await store.delete('work/a/b/c');
    await store.delete('work/a/b/c');

    assert.equal(await store.head('work/a/b/c'), undefined);
    assert.equal(await store.putIfAbsent('work/a/b/c', Buffer.from('2')), true);
  },

  async 'writes beside deletes of the last neighbour without losing a write'(store) {
    async function writeAndDelete(writer: number): Promise<void> {
      for (let round = 0; round < 60; round++) {
        const key = `work/deep/${writer % 10}/y/${writer}`;
        await (round % 3 === 0
          ? store.put(key, Buffer.of(1))
          : store.putIfAbsent(key, Buffer.of(1)));
        assert.ok(await store.head(key));
        await store.delete(key);
      }
      await store.put(`work/deep/0/y/${writer}`, Buffer.of(2));
    }
    await Promise.all(Array.from({ length: 20 }, (_, writer) => writeAndDelete(writer)));

    const keys = (await collect(store.list('work/deep/'))).map((head) => head.key);
    assert.equal(keys.length, 20);
  },

  async 'concatenates segments as Buffer.concat does'(store) {
    const segmentBytes = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300));
    let round = 0;
    const property = fc.asyncProperty(fc.array(segmentBytes, { maxLength: 6 }), async (sources) => {
      round++;
      const folder = `work/join/${round}`;
      for (const [index, [body]] of sources.entries()) {
        await store.put(`${folder}/${index}`, body);
      }
      const segments = sources.map(([, startByte, lengthBytes], index) => {
        const range = { startByte, endByte: startByte + lengthBytes };
        return index % 2 === 0
          ? { key: `${folder}/${index}` }
          : { key: `${folder}/${index}`, range };
      });
      assert.equal(await store.concatenateIfAbsent(`${folder}/all`, segments), true);

      const parts = sources.map(([body, startByte, lengthBytes], index) =>
        index % 2 === 0 ? body : body.slice(startByte, startByte + lengthBytes),
      );
      assert.deepEqual(await store.read(`${folder}/all`), Uint8Array.from(Buffer.concat(parts)));
    });
    await fc.assert(property, { numRuns: 25 });
  },

  async 'concatenates into an absent object only, and one racer wins'(store) {
    await store.put('work/c/one', Buffer.from('1'));
    await store.put('work/c/two', Buffer.from('2'));
    const calls = ['one', 'two', 'one', 'two'].map((name) =>
      store.concatenateIfAbsent('work/c/all', [{ key: `work/c/${name}` }]),
    );
    const wins = await Promise.all(calls);
    assert.equal(wins.filter((won) => won).length, 1);
    const expected = wins.indexOf(true) % 2 === 0 ? '1' : '2';
    assert.equal(String(await bytesOf(store.stream('work/c/all'))), expected);
  },

  async 'refuses to concatenate a missing source and leaves nothing'(store) {
    await store.put('work/m/one', Buffer.from('1'));
    const segments = [{ key: 'work/m/one' }, { key: 'work/m/none' }];
    await assert.rejects(
      store.concatenateIfAbsent('work/m/all', segments),
      hasCode('object_not_found'),
    );
    assert.equal(await store.head('work/m/all'), undefined);
  },

  async 'refuses every method a key that breaks the rules'(store) {
    const body = Buffer.from('x');
    for (const key of badKeys) {
      const refused = hasCode('invalid_key');
      await assert.rejects(store.put(key, body), refused, JSON.stringify(key));
      await assert.rejects(store.putIfAbsent(key, body), refused);
      await assert.rejects(store.head(key), refused);
      await assert.rejects(store.read(key), refused);
      await assert.rejects(collect(store.stream(key)), refused);
      await assert.rejects(store.delete(key), refused);
      await assert.rejects(store.concatenateIfAbsent(key, []), refused);
    }
    for (const prefix of ['/', '../', 'work/../', 'work//', 'a\0', '/etc/']) {
      await assert.rejects(collect(store.list(prefix)), hasCode('invalid_key'), prefix);
    }
  },

  async 'holds two keys of which one continues the other as a folder'(store) {
    await store.put('work/both', Buffer.from('1'));
    await store.put('work/both/below', Buffer.from('2'));
    assert.equal((await collect(store.list('work/both'))).length, 2);
  },
};

const badKeys = [
  '',
  '/',
  '.',
  '..',
  '../escape',
  'work/../../escape',
  'work/./a',
  '/etc/passwd',
  'work//a',
  'work/',
  'work/nul\0byte',
  'work/lone\ud800surrogate',
  `work/${'s'.repeat(256)}`,
  `work/${'é'.repeat(128)}`,
  `${'k'.repeat(225)}/${'k'.repeat(225)}/${'k'.repeat(225)}/${'k'.repeat(223)}`,
];
