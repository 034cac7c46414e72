import { describeBytes } from '../fixtures/e2e/byte-checks.ts';

describeBytes({
  mixedRows: 40_000,
  trainingRows: 5_000,
  cellBytes: { mixed: 16_384, training: 16_384 },
  slowMillisPerCell: 0,
});
