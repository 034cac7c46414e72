import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGiantLine } from '../fixtures/input/check-giant-line.ts';

test('6.3 #15 a line of 1 GiB is one error row at flat memory in every text format', async (t) => {
  const { peakGrowthBytes } = await checkGiantLine(1_073_741_824);

  t.diagnostic(`6 files of 1 GiB; memory grew by at most ${peakGrowthBytes >> 20} MiB`);
  assert.ok(peakGrowthBytes < 150 << 20, `${peakGrowthBytes} bytes`);
  assert.ok(process.memoryUsage.rss() < 300 << 20);
});
