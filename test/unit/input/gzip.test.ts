import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { defaultLimits, type Limits } from '#core/contract/limits.ts';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import { cellsOf } from '#core/jobs/job-plan.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { ShardInput } from '#work/input/shard-input.ts';
import { jobOf, planOf, readByCells, type TextFile } from '../../fixtures/input/read-by-cells.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

const lines = Array.from({ length: 2_000 }, (_, at) => `row ${at} ${(at * 7_919) % 1_000_003}`);
const longLine = `${'x'.repeat(99)}\n`;
const whole = gzipSync(lines.map((line) => `${line}\n`).join(''));

function gz(bytes: Uint8Array): TextFile {
  return { name: 'rows.txt.gz', format: 'lines', compression: 'gzip', bytes };
}

async function textsOf(file: TextFile, limits: Limits = defaultLimits): Promise<string[]> {
  const { rows } = await readByCells(createMemoryObjectStore(), [file], {
    cellBytes: 4_096,
    limits,
  });
  return rows.map(({ parsed }) => (parsed.ok ? parsed.text : parsed.error.code));
}

function refuses(code: string, detail: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof UnusableInput, String(error));
    assert.equal(error.code, code);
    assert.match(error.detail, detail);
    assert.match(error.detail, /rows/);
    return true;
  };
}

/** Bytes that were read from the store, by any way. */
function counted(store: ObjectStore) {
  const read = { bytes: 0 };
  const counting: ObjectStore = {
    ...store,
    read: async (...args) => {
      const bytes = await store.read(...args);
      read.bytes += bytes?.length ?? 0;
      return bytes;
    },
  };
  return { store: counting, read };
}

test('6.3 #16 a gzip of several members, one of them empty, is read to its end', async () => {
  const cut = Buffer.from(`${lines.slice(0, 900).join('\n')}\n`);
  const rest = Buffer.from(lines.slice(900).join('\n'));
  const members = [gzipSync(cut), gzipSync(''), gzipSync(rest)];
  const padding = Buffer.alloc(512);

  assert.deepEqual(await textsOf(gz(whole)), lines);
  assert.deepEqual(await textsOf(gz(Buffer.concat(members))), lines);
  assert.deepEqual(await textsOf(gz(Buffer.concat([...members, padding]))), lines);
  assert.deepEqual(await textsOf(gz(Buffer.alloc(0))), []);
  assert.deepEqual(await textsOf(gz(gzipSync(''))), []);
});

test('6.3 #16 a gzip that is cut anywhere fails the job and is never read short', async (t) => {
  const cuts = [
    2,
    3,
    9,
    10,
    11,
    100,
    ...[0.25, 0.5, 0.75, 0.99].map((part) => Math.floor(part * whole.length)),
    whole.length - 8,
    whole.length - 1,
  ];
  for (const cut of cuts) {
    await assert.rejects(
      textsOf(gz(whole.subarray(0, cut))),
      refuses('corrupt_object', /unexpected end of file/),
      `cut at ${cut}`,
    );
  }
  const second = Buffer.concat([whole, whole]);
  for (const cut of [1, 5, 12, 200]) {
    await assert.rejects(
      textsOf(gz(second.subarray(0, whole.length + cut))),
      refuses('corrupt_object', /./),
    );
  }
  t.diagnostic(`${cuts.length + 4} cuts`);
});

test('6.3 #16 a flipped bit or bytes behind the end fail the job', async () => {
  for (const at of [20, 200, whole.length - 6, whole.length - 1]) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 4;
    await assert.rejects(textsOf(gz(damaged)), refuses('corrupt_object', /upload it again/));
  }
  for (const tail of [Buffer.from('plain text'), Buffer.concat([Buffer.alloc(20), whole])]) {
    await assert.rejects(textsOf(gz(Buffer.concat([whole, tail]))), refuses('corrupt_object', /./));
  }
});

test('6.3 #16 a gzip bomb is stopped at the cap, which the error names', async () => {
  const limits = { ...defaultLimits, expandedFreeBytes: 1_000_000 };
  const bomb = gz(gzipSync(Buffer.alloc(20_000_000, longLine)));
  await assert.rejects(
    textsOf(bomb, limits),
    refuses('payload_too_large', /250 times.*1000000 bytes.*uncompressed/),
  );

  assert.equal(
    (await textsOf(gz(gzipSync(Buffer.alloc(900_000, longLine))), limits)).length,
    9_000,
  );
  assert.deepEqual(await textsOf(gz(whole), { ...limits, expandedFreeBytes: 10 }), lines);
});

test('6.3 #16 a wrong extension is told apart by the first bytes', async () => {
  const plain = { name: 'rows.txt', format: 'lines', compression: 'none', bytes: whole } as const;
  await assert.rejects(
    textsOf(plain),
    refuses('unsupported_format', /not named \.gz; rename it to rows\.txt\.gz/),
  );
  await assert.rejects(
    textsOf(gz(Buffer.from('row\n'))),
    refuses('unsupported_format', /without \.gz/),
  );
});

test('the cells of a gzip are read by going forward once, also after a missing one', async () => {
  const { store, read } = counted(createMemoryObjectStore());
  const job = await jobOf(store, [gz(whole)], { cellBytes: 512 });
  const plan = await planOf(store, job, defaultLimits);
  const cells = cellsOf(plan, 0);
  const all = lines.map((line) => line);
  assert.equal(plan.shards.length, 1);
  assert.ok(cells.length > 30, `${cells.length} cells`);
  read.bytes = 0;
  const texts: string[] = [];
  {
    await using input = new ShardInput({ objectStore: store, limits: defaultLimits, job, plan });
    for (const cell of cells) {
      for (const { parsed } of await input.readRows(cell)) texts.push(parsed.ok ? parsed.text : '');
    }
  }
  assert.deepEqual(texts, all);
  assert.ok(read.bytes <= whole.length + 2, `${read.bytes} bytes of ${whole.length}`);

  read.bytes = 0;
  await using input = new ShardInput({ objectStore: store, limits: defaultLimits, job, plan });
  for (const at of [7, 21, 22, 30]) {
    const cell = cells[at] ?? assert.fail();
    const rows = await input.readRows(cell);
    const expected = all.slice(cell.firstIndex, cell.firstIndex + cell.rows);
    assert.deepEqual(
      rows.map(({ parsed }) => (parsed.ok ? parsed.text : '')),
      expected,
    );
    assert.equal(rows[0]?.line, cell.firstLine);
  }
  assert.ok(read.bytes <= whole.length + 2);
  // Back is possible, from the start.
  const [first] = cells;
  assert.equal((await input.readRows(first ?? assert.fail())).length, first?.rows);
});

test('another version of a gzip than the pinned one is refused while it is read', async () => {
  const store = createMemoryObjectStore();
  const job = await jobOf(store, [gz(whole)], { cellBytes: 512 });
  await store.put(job.input.files[0]?.key ?? '', gzipSync('other\n'));

  await assert.rejects(planOf(store, job, defaultLimits), { code: 'object_changed' });
});
