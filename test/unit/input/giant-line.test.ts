import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGiantLine } from '../../fixtures/input/check-giant-line.ts';

test('6.3 #15 a line of 64 MiB is one error row at flat memory in every text format', async (t) => {
  const { peakGrowthBytes } = await checkGiantLine(67_108_864);

  t.diagnostic(`6 files of 64 MiB; memory grew by at most ${peakGrowthBytes >> 20} MiB`);
  assert.ok(peakGrowthBytes < 40 << 20, `${peakGrowthBytes} bytes`);
});
