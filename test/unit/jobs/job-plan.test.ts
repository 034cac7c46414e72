import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitLines } from '#core/formats/split-lines.ts';
import {
  type Cell,
  cellsOf,
  type JobPlan,
  jobPlanSchema,
  storedBytesOf,
} from '#core/jobs/job-plan.ts';
import { PlanBuilder, shardBytesFor } from '#core/jobs/plan-builder.ts';

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

async function planOf(
  files: readonly Uint8Array[],
  grid: { cellPositions: number; shardPositions: number },
): Promise<JobPlan> {
  const builder = new PlanBuilder();
  for (const bytes of files) {
    builder.startFile(grid);
    for await (const line of splitLines(whole(bytes), { startByte: 0, lineBytes: 50 })) {
      const endPosition = line.offset + line.sizeBytes;
      builder.add({ startPosition: line.offset, endPosition, rows: line.blank ? 0 : 1, lines: 1 });
    }
    builder.finishFile(null);
  }
  return builder.finish('2026-01-01T00:00:00.000Z');
}

async function numberedRows(bytes: Uint8Array, cell: Omit<Cell, 'shard' | 'rows'>) {
  const rows: { index: number; file: number; line: number; offset: number }[] = [];
  let line = cell.firstLine;
  const stretch = bytes.subarray(cell.startPosition, cell.endPosition);
  const source = { startByte: cell.startPosition, lineBytes: 50 };
  for await (const physical of splitLines(whole(stretch), source)) {
    if (!physical.blank) {
      const index = cell.firstIndex + rows.length;
      rows.push({ index, file: cell.file, line, offset: physical.offset });
    }
    line += 1;
  }
  return rows;
}

const piece = fc.constantFrom('\n', '\r\n', 'row\n', '  \n', 'ß', 'x'.repeat(70), '😀\n');
const file = fc
  .array(piece, { maxLength: 30 })
  .map((pieces) => new TextEncoder().encode(pieces.join('')));
const files = fc.array(file, { maxLength: 5 });
const grid = fc
  .tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 4 }), fc.boolean())
  .map(([cellPositions, cells, sequential]) => ({
    cellPositions,
    shardPositions: sequential ? Infinity : cellPositions * cells,
  }));

const allCells = (plan: JobPlan) => plan.shards.flatMap((_, shard) => cellsOf(plan, shard));

test('cells tile every file in order, whatever the files and the grid', async () => {
  await fc.assert(
    fc.asyncProperty(files, grid, async (contents, cut) => {
      const plan = await planOf(contents, cut);
      const ends = contents.map(() => 0);
      let lastFile = 0;
      for (const cell of allCells(plan)) {
        assert.ok(cell.file >= lastFile);
        lastFile = cell.file;
        assert.equal(cell.startPosition, ends[cell.file]);
        assert.ok(cell.endPosition > cell.startPosition);
        ends[cell.file] = cell.endPosition;
      }
      assert.deepEqual(
        ends,
        contents.map((bytes) => bytes.length),
      );
      assert.deepEqual(
        plan.files.map((each) => each.positions),
        ends,
      );
    }),
    { numRuns: 500 },
  );
});

test('a cell read alone gives the rows, ordinals and lines of a sequential reader', async () => {
  await fc.assert(
    fc.asyncProperty(files, grid, async (contents, cut) => {
      const plan = await planOf(contents, cut);
      const sequential: unknown[] = [];
      for (const [ordinal, bytes] of contents.entries()) {
        const start = { startPosition: 0, endPosition: bytes.length, firstLine: 1 };
        const firstIndex = sequential.length;
        sequential.push(...(await numberedRows(bytes, { ...start, file: ordinal, firstIndex })));
      }
      const cells = allCells(plan);
      const apart = await Promise.all(
        cells.map((cell) => numberedRows(contents[cell.file] ?? new Uint8Array(0), cell)),
      );
      assert.deepEqual(apart.flat(), sequential);
      assert.equal(plan.rows, sequential.length);
      for (const [at, cell] of cells.entries()) assert.equal(apart[at]?.length, cell.rows);
    }),
    { numRuns: 500 },
  );
});

test('a shard never reaches over its stretch of a file, and small files share one', async () => {
  const bytes = new TextEncoder().encode('0123456789\n'.repeat(100));
  const small = new TextEncoder().encode('0123456789\n');

  const plan = await planOf([bytes, ...Array.from({ length: 20 }, () => small)], {
    cellPositions: 50,
    shardPositions: 150,
  });

  for (const [shard] of plan.shards.entries()) {
    const cells = cellsOf(plan, shard);
    const sizes = cells.map((cell) => cell.endPosition - cell.startPosition);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 150 + 60);
  }
  const sharedShards = new Set(
    allCells(plan)
      .filter(({ file }) => file > 0)
      .map(({ shard }) => shard),
  );
  assert.ok(sharedShards.size <= 3, `${sharedShards.size} shards for 220 bytes`);
});

test('a file that only a sequential reader can read is one shard', async () => {
  const bytes = new TextEncoder().encode('0123456789\n'.repeat(100));

  const plan = await planOf([bytes, bytes], { cellPositions: 50, shardPositions: Infinity });

  assert.equal(plan.shards.length, 2);
});

test('an empty input has a plan without shards', async () => {
  const grid = { cellPositions: 64, shardPositions: 256 };

  assert.deepEqual((await planOf([new Uint8Array(0)], grid)).shards, []);
  assert.deepEqual((await planOf([], grid)).shards, []);
});

test('a plan survives its JSON', async () => {
  const plan = await planOf([new TextEncoder().encode('a\nb\n\nc')], {
    cellPositions: 2,
    shardPositions: 4,
  });

  assert.deepEqual(jobPlanSchema.parse(JSON.parse(JSON.stringify(plan))), plan);
});

test('the stored bytes of the cells add up to the files', async () => {
  await fc.assert(
    fc.asyncProperty(files, grid, fc.integer({ min: 1, max: 9 }), async (contents, cut, ratio) => {
      const plan = await planOf(contents, cut);
      const stored = contents.map((bytes) => ({ sizeBytes: Math.ceil(bytes.length / ratio) }));
      const sum = allCells(plan).reduce(
        (total, cell) => total + storedBytesOf(cell, plan, stored),
        0,
      );
      assert.equal(
        sum,
        stored.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
      );
    }),
  );
});

test('a shard is a whole number of cells and a job has at most 64', () => {
  const sizes = fc.nat({ max: 2 ** 40 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 2 ** 22 }), (sizeBytes, cellBytes) => {
      const shardBytes = shardBytesFor({ sizeBytes, cellBytes });
      assert.equal(shardBytes % cellBytes, 0);
      assert.ok(shardBytes >= cellBytes);
      assert.ok(Math.ceil(sizeBytes / shardBytes) <= 64);
    }),
  );
});
