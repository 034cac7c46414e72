import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { UploadLink, UploadLinks } from '#core/ports/upload-links.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';

export interface OpenedUploadLinks {
  readonly links: UploadLinks;
  /** Sees what was put there. */
  readonly objectStore: ObjectStore;
}

/** What every place for uploads must do; the promises are in shared/core/ports/upload-links.ts. */
export function describeUploadLinks(subject: ContractSubject<OpenedUploadLinks>): void {
  describeContract(subject, cases);
}

const file = Buffer.from('{"text": "a gripping film"}\n{"text": "dull"}\n');
const wanted = {
  tenant: 'acme',
  filename: 'reviews.jsonl',
  sizeBytes: file.length,
  validSeconds: 60,
};

/** As a client sends it: fetch sets the length of the body itself. */
async function put(link: UploadLink, body: Uint8Array<ArrayBuffer>, url = link.url) {
  const { 'content-length': _, ...headers } = link.headers;
  const answer = await fetch(url, { method: 'PUT', headers, body });
  await answer.arrayBuffer();
  return answer.status;
}

const cases: Record<string, ContractCase<OpenedUploadLinks>> = {
  async 'takes a file and puts it whole under the key'({ links, objectStore }) {
    const link = await links.open(wanted);
    assert.match(link.key, /^bucket\/uploads\/acme\/[0-9a-f]{16}\/reviews\.jsonl$/);
    assert.equal(await objectStore.head(link.key), undefined);

    assert.equal(await put(link, file), 200);

    assert.deepEqual(Buffer.from((await objectStore.read(link.key)) ?? []), file);
  },

  async 'takes an empty file'({ links, objectStore }) {
    const link = await links.open({ ...wanted, sizeBytes: 0 });

    assert.equal(await put(link, Buffer.alloc(0)), 200);

    assert.equal((await objectStore.head(link.key))?.sizeBytes, 0);
  },

  async 'gives every caller a place of his own'({ links }) {
    const keys = await Promise.all([1, 2, 3].map(async () => (await links.open(wanted)).key));

    assert.equal(new Set(keys).size, 3);
  },

  async 'writes over nothing'({ links, objectStore }) {
    const link = await links.open(wanted);
    await put(link, file);
    const other = Buffer.from(file.toString().toUpperCase());

    assert.ok((await put(link, other)) >= 400);

    assert.deepEqual(Buffer.from((await objectStore.read(link.key)) ?? []), file);
  },

  async 'refuses more or fewer bytes and leaves nothing'({ links, objectStore }) {
    for (const body of [file.subarray(1), Buffer.concat([file, file])]) {
      const link = await links.open(wanted);
      assert.ok((await put(link, Buffer.from(body))) >= 400, `${body.length} bytes`);
      assert.equal(await objectStore.head(link.key), undefined);
    }
  },

  async 'has one place for one content and takes no other there'({ links, objectStore }) {
    const sha256 = createHash('sha256').update(file).digest('hex');
    const [first, second] = [
      await links.open({ ...wanted, sha256 }),
      await links.open({ ...wanted, sha256 }),
    ];
    assert.equal(second.key, first.key);
    const other = Buffer.from(file.toString().toUpperCase());
    assert.ok((await put(first, other)) >= 400);
    assert.equal(await objectStore.head(first.key), undefined);

    assert.equal(await put(first, file), 200);

    assert.deepEqual(Buffer.from((await objectStore.read(first.key)) ?? []), file);
  },

  async 'refuses a link that was altered'({ links, objectStore }) {
    const link = await links.open(wanted);
    const altered = [
      link.url.replace('reviews.jsonl', 'other.jsonl'),
      link.url.replace(/([Ss]ignature=)../, '$1zz'),
      link.url.replace(/([Ee]xpires=)(\d)/, '$19$2'),
    ];
    for (const url of altered) {
      assert.notEqual(url, link.url);
      assert.ok((await put(link, file, url)) >= 400, url);
    }
    assert.equal(await objectStore.head(link.key), undefined);
  },
};
