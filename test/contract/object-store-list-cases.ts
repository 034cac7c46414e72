import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { ContractCase } from './contract-case.ts';
import { collect } from './contract-expectations.ts';

async function listKeys(
  store: ObjectStore,
  prefix: string,
  startAfter?: string,
): Promise<string[]> {
  const options = startAfter === undefined ? {} : { startAfter };
  return (await collect(store.list(prefix, options))).map((head) => head.key);
}

function inByteOrder(keys: readonly string[]): string[] {
  return [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
}

/** A key of few, nasty characters: neighbours of "/", of the surrogates, of the end of ASCII. */
const nastyKey = fc
  .array(
    fc.string({
      unit: fc.constantFrom(
        'a',
        'b',
        '-',
        '.',
        '0',
        '!',
        ' ',
        '\\',
        '%',
        '\n',
        '~',
        'é',
        '\u{ff5e}',
        '\u{1f600}',
      ),
      minLength: 1,
      maxLength: 3,
    }),
    { minLength: 1, maxLength: 3 },
  )
  .filter((segments) => segments.every((segment) => segment !== '.' && segment !== '..'))
  .map((segments) => segments.join('/'));

/** Without keys that continue another one as a folder, which not every store can hold. */
const nastyKeys = fc
  .uniqueArray(nastyKey, { maxLength: 12 })
  .map((keys) => keys.filter((key) => !keys.some((other) => other.startsWith(`${key}/`))));

async function putAll(store: ObjectStore, keys: readonly string[]): Promise<void> {
  // A few at a time: each write of a durable store waits for its disk.
  for (let at = 0; at < keys.length; at += 64) {
    const batch = keys.slice(at, at + 64);
    await Promise.all(batch.map((key) => store.put(key, Buffer.from(key))));
  }
}

/** Listing: order, paging, prefixes, and what a writer beside it may not spoil. */
export const listCases: Record<string, ContractCase<ObjectStore>> = {
  async 'lists nothing where nothing is'(store) {
    assert.deepEqual(await listKeys(store, ''), []);
    assert.deepEqual(await listKeys(store, 'work/none/'), []);
  },

  async 'lists keys as a flat store does, a folder as its name and "/"'(store) {
    const keys = ['a/b/a-b', 'a/b/a/x', 'a/b/a0', 'a/b/a/x!', 'a/b!', 'a-', 'a0/z'];
    await putAll(store, keys);

    assert.deepEqual(await listKeys(store, ''), inByteOrder(keys));
    assert.deepEqual(await listKeys(store, 'a/b/'), ['a/b/a-b', 'a/b/a/x', 'a/b/a/x!', 'a/b/a0']);
    assert.deepEqual(await listKeys(store, 'a/b/a/'), ['a/b/a/x', 'a/b/a/x!']);
    assert.deepEqual(await listKeys(store, 'a/b/a0'), ['a/b/a0']);
    assert.deepEqual(await listKeys(store, 'a/b/..'), []);
  },

  async 'lists any keys in byte order, by any prefix, from any key on'(store) {
    let round = 0;
    const property = fc.asyncProperty(nastyKeys, fc.nat(), fc.nat(), async (names, pick, cut) => {
      round++;
      const base = `work/order-${round}/`;
      const keys = inByteOrder(names.map((name) => base + name));
      await putAll(store, keys);

      assert.deepEqual(await listKeys(store, base), keys);
      const picked = [...(keys[pick % (keys.length + 1)] ?? base)];
      const prefix = picked
        .slice(0, base.length + (cut % (picked.length - base.length + 1)))
        .join('');
      assert.deepEqual(
        await listKeys(store, prefix),
        keys.filter((key) => key.startsWith(prefix)),
      );
      for (const startAfter of [prefix, ...keys, `${base}a/`, 'zzz', '']) {
        assert.deepEqual(
          await listKeys(store, base, startAfter),
          keys.filter((key) => Buffer.compare(Buffer.from(key), Buffer.from(startAfter)) > 0),
        );
      }
    });
    await fc.assert(property, { numRuns: 40 });
  },

  async 'reports in a list what head reports'(store) {
    await store.put('bucket/one', Buffer.from('1'));
    await store.put('bucket/sub/empty', new Uint8Array(0));
    for (const head of await collect(store.list('bucket/'))) {
      assert.deepEqual(head, await store.head(head.key));
    }
  },

  async 'keeps unicode keys apart and whole'(store) {
    const keys = inByteOrder(['é', 'e\u0301', '日本語', '😀', '\u{ffff}', 'ﬀ', 'ß', ' ', '%2e%2e']);
    for (const key of keys) {
      await store.put(`bucket/${key}`, Buffer.from(key));
    }
    assert.deepEqual(
      await listKeys(store, 'bucket/'),
      keys.map((key) => `bucket/${key}`),
    );
    for (const key of keys) {
      assert.equal(Buffer.from((await store.read(`bucket/${key}`)) ?? []).toString(), key);
    }
  },

  async 'stops reading when the consumer stops'(store) {
    await putAll(store, ['work/s/a', 'work/s/b', 'work/s/c']);
    for await (const head of store.list('work/s/')) {
      assert.equal(head.key, 'work/s/a');
      break;
    }
    for await (const chunk of store.stream('work/s/a')) {
      assert.ok(chunk.length > 0);
      break;
    }
  },

  async 'always lists what stays while neighbours come, change and go'(store) {
    const stable = Array.from({ length: 150 }, (_, n) => `work/busy/${n % 3}/stable-${n}`);
    await putAll(store, stable);
    const writing = new AbortController();
    async function disturb(writer: number): Promise<void> {
      for (let n = 0; !writing.signal.aborted; n++) {
        const key = `work/busy/${n % 4}/${writer}-${n % 7}`;
        await store.put(key, Buffer.from('x'));
        await store.put(stable[(n * 17 + writer) % stable.length] ?? '', Buffer.from('again'));
        await store.delete(key);
      }
    }
    const writers = [1, 2, 3, 4].map(disturb);

    try {
      for (let round = 0; round < 40; round++) {
        const keys = await listKeys(store, 'work/busy/');
        assert.deepEqual(keys, inByteOrder(keys));
        assert.equal(new Set(keys).size, keys.length);
        const missing = stable.filter((key) => !keys.includes(key));
        assert.deepEqual(missing, []);
      }
    } finally {
      writing.abort();
      await Promise.all(writers);
    }
  },

  // S3 gives 1,000 keys an answer; test/faults/object-store.fault.ts pages through 20,000.
  'pages through 2,500 keys without loss or repeat': (store) => pageThrough(store, 2_500),
};

/** Lists so many keys in one go and page by page; the pages hold more than one answer of S3. */
export async function pageThrough(store: ObjectStore, count: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, n) => `work/many/${n % 8}/${n}`);
  const pageKeys = Math.ceil(count / 2.1);
  await putAll(store, keys);

  const all = await listKeys(store, 'work/many/');
  assert.deepEqual(all, inByteOrder(keys));
  const paged: string[] = [];
  for (let startAfter = ''; ; ) {
    const page: string[] = [];
    for await (const head of store.list('work/many/', { startAfter })) {
      page.push(head.key);
      if (page.length === pageKeys) {
        break;
      }
    }
    paged.push(...page);
    startAfter = page.at(-1) ?? '';
    if (page.length < pageKeys) {
      break;
    }
  }
  assert.deepEqual(paged, all);
}
