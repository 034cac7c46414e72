import { describeBytes } from '../fixtures/e2e/byte-checks.ts';

// Every check, on a part of the rows; the full dose is test/faults/bytes.fault.ts.
describeBytes({
  mixedRows: 6_000,
  trainingRows: 400,
  cellBytes: { mixed: 4_096, training: 1_024 },
  slowMillisPerCell: 60,
});
