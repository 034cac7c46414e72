import { describeRestart } from '../fixtures/e2e/restart-checks.ts';

// Every check on a short job; the full dose is test/faults/restart.fault.ts.
describeRestart({ rowCount: 6_000, cellBytes: 8_192, slowMillisPerCell: 60 });
