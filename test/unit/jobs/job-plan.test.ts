import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitLines } from '#core/formats/split-lines.ts';
import {
  cellsOf,
  type JobPlan,
  jobPlanSchema,
  PlanBuilder,
  shardBytesFor,
} from '#core/jobs/job-plan.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

async function planOf(
  bytes: Uint8Array,
  cellBytes: number,
  cellsPerShard: number,
): Promise<JobPlan> {
  const builder = new PlanBuilder({ cellBytes, shardBytes: cellBytes * cellsPerShard });
  const source = { startByte: 0, lineBytes: 50 };
  for await (const line of splitLines(whole(bytes), source)) builder.add(line);
  return builder.finish({ plannedAt: '2026-01-01T00:00:00.000Z', sizeBytes: bytes.length });
}

const file = fc
  .array(fc.constantFrom('\n', '\r\n', 'row\n', '  \n', 'ß', 'x'.repeat(70), '😀\n'), {
    maxLength: 40,
  })
  .map((pieces) => new TextEncoder().encode(pieces.join('')));

test('cells tile the file in order, whatever the file and the grid', async () => {
  await fc.assert(
    fc.asyncProperty(
      file,
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 1, max: 4 }),
      async (bytes, cellBytes, cellsPerShard) => {
        const plan = await planOf(bytes, cellBytes, cellsPerShard);
        const cells = plan.shards.flatMap((_, shard) => cellsOf(plan, shard));
        let at = 0;
        for (const cell of cells) {
          assert.equal(cell.startByte, at);
          assert.ok(cell.endByte > cell.startByte);
          at = cell.endByte;
        }
        assert.equal(at, bytes.length);
      },
    ),
    { numRuns: 500 },
  );
});

test('a cell read alone gives the rows, ordinals and lines of a sequential reader', async () => {
  await fc.assert(
    fc.asyncProperty(
      file,
      fc.integer({ min: 1, max: 90 }),
      fc.integer({ min: 1, max: 4 }),
      async (bytes, cellBytes, cellsPerShard) => {
        const plan = await planOf(bytes, cellBytes, cellsPerShard);
        const sequential = await numberedRows(bytes, { startByte: 0, firstIndex: 0, firstLine: 1 });
        const cells = plan.shards.flatMap((_, shard) => cellsOf(plan, shard));
        const apart = await Promise.all(
          cells.map((cell) => numberedRows(bytes.subarray(cell.startByte, cell.endByte), cell)),
        );
        assert.deepEqual(apart.flat(), sequential);
        assert.equal(plan.rows, sequential.length);
        for (const [at, cell] of cells.entries()) assert.equal(apart[at]?.length, cell.rows);
      },
    ),
    { numRuns: 500 },
  );
});

async function numberedRows(
  bytes: Uint8Array,
  start: { startByte: number; firstIndex: number; firstLine: number },
) {
  const rows: { index: number; line: number; offset: number }[] = [];
  let line = start.firstLine;
  const source = { startByte: start.startByte, lineBytes: 50 };
  for await (const physical of splitLines(whole(bytes), source)) {
    if (!physical.blank) {
      rows.push({ index: start.firstIndex + rows.length, line, offset: physical.offset });
    }
    line += 1;
  }
  return rows;
}

test('every shard starts its own stretch of the grid', async () => {
  const bytes = new TextEncoder().encode('0123456789\n'.repeat(100));

  const plan = await planOf(bytes, 50, 3);

  for (const [shard, tuples] of plan.shards.entries()) {
    for (const [startByte] of tuples) assert.equal(Math.floor(startByte / 150), shard);
  }
});

test('an empty file has a plan without shards', async () => {
  const plan = await planOf(new Uint8Array(0), 64, 4);

  assert.deepEqual([plan.rows, plan.lines, plan.shards], [0, 0, []]);
});

test('a plan survives its JSON', async () => {
  const plan = await planOf(new TextEncoder().encode('a\nb\n\nc'), 2, 2);

  assert.deepEqual(jobPlanSchema.parse(JSON.parse(JSON.stringify(plan))), plan);
});

test('a plan is refused when the stream ended before the input did', () => {
  const builder = new PlanBuilder({ cellBytes: 10, shardBytes: 10 });
  builder.add({ offset: 0, sizeBytes: 5, blank: false });

  assert.throws(
    () => builder.finish({ plannedAt: '', sizeBytes: 6 }),
    (error) => error instanceof SwitchyardError && error.code === 'object_changed',
  );
});

test('a shard is a whole number of cells and a job has at most 64', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 2 ** 40 }),
      fc.integer({ min: 1, max: 2 ** 22 }),
      (sizeBytes, cellBytes) => {
        const shardBytes = shardBytesFor({ sizeBytes, cellBytes });
        assert.equal(shardBytes % cellBytes, 0);
        assert.ok(shardBytes >= cellBytes);
        assert.ok(Math.ceil(sizeBytes / shardBytes) <= 64);
      },
    ),
  );
});
