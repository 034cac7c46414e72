import { test } from 'node:test';
import { runSeed } from '../../fixtures/harness/random.ts';
import { checkRandomFiles } from '../../fixtures/input/check-random-files.ts';

test('6.3 #19 rows by cells are those of an independent sequential reading', async (t) => {
  const dose = { cases: 1_000, seed: runSeed() | 0 };
  const { rowCount, cellCount } = await checkRandomFiles(dose);
  t.diagnostic(`seed ${dose.seed}: ${dose.cases} inputs, ${rowCount} rows in ${cellCount} cells`);
});
