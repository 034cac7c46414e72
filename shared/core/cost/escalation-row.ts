import { allTokens, type EscalationUse } from '../escalation/escalation-use.ts';
import type { RescoreTokens } from '../ports/rescorer.ts';
import { stretchLines } from './charge-lines.ts';
import type { LaneRates } from './lane-rates.ts';
import { type ChargeLine, type LedgerKind, type LedgerRow, ledgerRow } from './ledger-row.ts';
import { roundUsd, Usd } from './usd.ts';

/** The request whose answers were asked of another. */
export interface EscalatedRequest {
  readonly id: string;
  readonly at: string;
  readonly tenant: string;
  readonly memoryMib: number;
}

/**
 * The row of second answers, beside the row of their request. The time of a model is in this row and not
 * in the request's; an endpoint's tokens are, and the time that was waited for it is the request's.
 * Undefined where nobody was asked.
 */
export function escalationRow(
  request: EscalatedRequest,
  use: EscalationUse,
  rates: LaneRates,
): LedgerRow | undefined {
  if (use.escalated + use.failed === 0) return undefined;
  return ledgerRow({
    id: `${request.id}/escalation`,
    at: request.at,
    source: 'escalation',
    tenant: request.tenant,
    model: use.by.model,
    lane: 'cpu',
    job: null,
    region: rates.region,
    items: use.escalated,
    tokens: allTokens(use),
    basis: 'estimate',
    lines: use.by.kind === 'model' ? modelLines(request, use, rates) : endpointLines(use),
  });
}

function modelLines(
  { memoryMib }: EscalatedRequest,
  { millis, escalated }: EscalationUse,
  rates: LaneRates,
): ChargeLine[] {
  const kind = escalated > 0 ? 'useful' : 'lost';
  return stretchLines({ memoryMib, millis, kind }, rates);
}

function endpointLines({ by, useful, lost, uncounted, price }: EscalationUse): ChargeLine[] {
  const endpoint = `endpoint ${by.model}`;
  const linesOf = (kind: LedgerKind, { input, output }: RescoreTokens) => [
    tokenLine(`${endpoint} input-tokens`, kind, input, price?.inputUsdPerMillion),
    tokenLine(`${endpoint} output-tokens`, kind, output, price?.outputUsdPerMillion),
  ];
  const lines = [...linesOf('useful', useful), ...linesOf('lost', lost)].filter(
    ({ quantity }) => quantity > 0,
  );
  if (uncounted === 0) return lines;
  const item = `${endpoint} uncounted-answers`;
  return [...lines, { ...unpriced, item, kind: 'useful', quantity: uncounted, unit: 'answer' }];
}

const unpriced = { usd: '0', unpriced: true } as const;

function tokenLine(
  item: string,
  kind: LedgerKind,
  quantity: number,
  usdPerMillion: string | undefined,
): ChargeLine {
  const line = { item, kind, quantity, unit: 'token' };
  if (usdPerMillion === undefined) return { ...line, ...unpriced };
  const usd = roundUsd(new Usd(usdPerMillion).times(quantity).div(1_000_000)).toFixed();
  return { ...line, usd };
}
