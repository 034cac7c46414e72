import { describeRestart } from '../fixtures/e2e/restart-checks.ts';

describeRestart({ rowCount: 60_000, cellBytes: 16_384, slowMillisPerCell: 0 });
