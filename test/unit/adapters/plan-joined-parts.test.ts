import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type JoinedPart,
  MIN_PART_BYTES,
  partSizes,
  planJoinedParts,
  type SourcePiece,
} from '#adapters/aws/s3/plan-joined-parts.ts';

const MiB = 1024 ** 2;

function piecesOf(part: JoinedPart): readonly SourcePiece[] {
  return part.kind === 'copy' ? [part.piece] : part.pieces;
}

function sizeOf(part: JoinedPart): number {
  return piecesOf(part).reduce((total, { sizeBytes }) => total + sizeBytes, 0);
}

/** The bytes that a plan stands for: neighbouring stretches of one object written as one. */
function stretches(pieces: readonly SourcePiece[]): string[] {
  const joined: SourcePiece[] = [];
  for (const piece of pieces.filter(({ sizeBytes }) => sizeBytes > 0)) {
    const last = joined.at(-1);
    if (last?.key === piece.key && last.startByte + last.sizeBytes === piece.startByte) {
      joined[joined.length - 1] = { ...last, sizeBytes: last.sizeBytes + piece.sizeBytes };
    } else {
      joined.push(piece);
    }
  }
  return joined.map(({ key, startByte, sizeBytes }) => `${key} ${startByte}+${sizeBytes}`);
}

const anySize = fc.oneof(
  fc.nat(400_000),
  fc.integer({ min: 4 * MiB, max: 6 * MiB }),
  fc.integer({ min: 0, max: 40 * MiB }),
  fc.integer({ min: 0, max: 3_000 * MiB }),
);
const anyPiece = fc.record({
  key: fc.constantFrom('work/a', 'work/b', 'work/c'),
  startByte: fc.nat(MiB),
  sizeBytes: anySize,
});

test('a plan of parts covers the pieces in order, and S3 takes every part', () => {
  const property = fc.property(fc.array(anyPiece, { maxLength: 60 }), (pieces) => {
    const parts = planJoinedParts(pieces);

    assert.deepEqual(stretches(parts.flatMap(piecesOf)), stretches(pieces));
    for (const part of parts.slice(0, -1)) {
      assert.ok(sizeOf(part) >= MIN_PART_BYTES, `${part.kind} of ${sizeOf(part)} bytes`);
    }
    for (const part of parts) {
      assert.ok(sizeOf(part) > 0 && sizeOf(part) <= 5 * 1024 * MiB);
      assert.ok(part.kind === 'copy' || part.sizeBytes === sizeOf(part));
    }
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('a plan of parts stays below 10,000 parts and 16 MiB a joined one, at 100 GB of cells', () => {
  const cellBytes = 5 * MiB + 1;
  const pieces = Array.from({ length: 20_000 }, (_, n) => ({
    key: `work/${n}`,
    startByte: 0,
    sizeBytes: n % 2 === 0 ? cellBytes : 300_000,
  }));

  const parts = planJoinedParts(pieces);

  assert.ok(parts.length <= 9_001, String(parts.length));
  assert.ok(parts.every((part) => part.kind === 'copy' || part.sizeBytes <= 16 * MiB));
});

test('a plan of parts copies what is long enough and reads what is not', () => {
  const piece = (key: string, sizeBytes: number) => ({ key, startByte: 0, sizeBytes });
  const plan = (...pieces: SourcePiece[]) =>
    planJoinedParts(pieces).map((part) => `${part.kind} ${sizeOf(part) / MiB}`);

  assert.deepEqual(plan(piece('a', 20 * MiB), piece('b', 5 * MiB)), ['copy 20', 'copy 5']);
  // 2 MiB alone would be too small a part: 3 MiB of the next piece are read with it.
  assert.deepEqual(plan(piece('a', 2 * MiB), piece('b', 20 * MiB)), ['join 5', 'copy 17']);
  assert.deepEqual(plan(piece('a', 2 * MiB), piece('b', 7 * MiB)), ['join 8', 'join 1']);
  assert.deepEqual(plan(piece('a', 600 * MiB)), ['copy 200', 'copy 200', 'copy 200']);
  assert.deepEqual(partSizes(9_000 * 20 * MiB), { partBytes: 20 * MiB, copyBytes: 20 * MiB });
});

test('a plan of parts copies a run of short neighbours of one object', () => {
  const cells = Array.from({ length: 40 }, (_, n) => ({
    key: 'work/one',
    startByte: n * 300_000,
    sizeBytes: 300_000,
  }));

  assert.deepEqual(planJoinedParts(cells), [
    { kind: 'copy', piece: { key: 'work/one', startByte: 0, sizeBytes: 12_000_000 } },
  ]);
});
