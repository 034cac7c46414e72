import { LAMBDA_MEMORY_MIB } from '../../cost/lane-rates.ts';
import type { LedgerKind, LedgerRow } from '../../cost/ledger-row.ts';
import type { ObservedRun } from './update-curve.ts';

/**
 * What a worker's row says about the machine. Undefined for rows of requests, of GPU lanes (priced by
 * the hour of an instance that this machine may not have) and of workers that came to nothing.
 */
export function observedAttempt(
  row: LedgerRow,
): { readonly run: ObservedRun; readonly idleSeconds: number } | undefined {
  if (row.source !== 'attempt' || row.items === 0) return undefined;
  if (row.lane !== 'cpu' && row.lane !== 'cpu-fleet') return undefined;
  const secondsOf = (kind: LedgerKind): number =>
    row.lines
      .filter((line) => line.kind === kind && line.unit === 'GB-second')
      .reduce((sum, { quantity }) => sum + quantity / (LAMBDA_MEMORY_MIB / 1024), 0);
  const run = { calls: 0, tokens: row.tokens, runSeconds: secondsOf('useful') };
  return { run, idleSeconds: secondsOf('idle') };
}
