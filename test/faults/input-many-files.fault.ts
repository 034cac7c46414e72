import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkManyFiles } from '../fixtures/input/check-many-files.ts';

test('10,000 files of 10 rows make one job with at most 2.5 writes per file', async (t) => {
  const { writes, writesPerFile, byKind } = await checkManyFiles(10_000);

  t.diagnostic(
    `${writes} writes, ${writesPerFile.toFixed(2)} per file: ${JSON.stringify([...byKind])}`,
  );
  assert.ok(writesPerFile <= 2.5, `${writesPerFile} writes per file`);
});
