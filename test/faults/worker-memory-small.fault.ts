import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePeak, growth, measureWorkerPeak } from '../fixtures/harness/worker-memory.ts';

test('the peak memory of a worker does not grow with the rows of a file', async () => {
  const small = await measureWorkerPeak(10_000, 60_000);
  const large = await measureWorkerPeak(100_000, 60_000);

  console.log(`10,000 rows: ${describePeak(small)}`);
  console.log(`100,000 rows: ${describePeak(large)}`);
  assert.ok(small.supervisor > 0 && small.session > 0, 'both processes were seen');
  assert.ok(growth(small, large) <= 0.15, `${(growth(small, large) * 100).toFixed(1)} % more`);
});
