import { type RequestUsage, requestLines } from './charge-lines.ts';
import { LAMBDA_MEMORY_MIB, type LaneRates } from './lane-rates.ts';
import type { ChargeLine } from './ledger-row.ts';

/**
 * What one request leaves in CloudWatch, in bytes: the function's own lines (1,150, measured with one text
 * and its digest), the line of the API and the platform's start and report (estimates).
 */
export const REQUEST_LOG_BYTES = 2_048;
export const REQUEST_LOG_GB = REQUEST_LOG_BYTES / 2 ** 30;

/** A warm Lambda of one vCPU behind the REST API, before it is known what it does. */
export const usualRequest: Omit<RequestUsage, 'billedMillis' | 'answered'> = {
  memoryMib: LAMBDA_MEMORY_MIB,
  initMillis: 0,
  front: 'rest',
  logBytes: REQUEST_LOG_BYTES,
  responseBytes: 0,
};

/**
 * What an answer costs that took so long: its row without the transfer of the answer itself. Quotes of
 * answers are made of the same lines.
 */
export function answerLines(processingMillis: number, rates: LaneRates): ChargeLine[] {
  return requestLines({ ...usualRequest, billedMillis: processingMillis, answered: true }, rates);
}
