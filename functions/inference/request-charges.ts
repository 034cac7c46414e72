import { answerLines, usualRequest } from '#core/cost/answer-lines.ts';
import { requestLines } from '#core/cost/charge-lines.ts';
import { escalationRow } from '#core/cost/escalation-row.ts';
import { LAMBDA_MEMORY_MIB, type LaneRates } from '#core/cost/lane-rates.ts';
import { type ChargeLine, ledgerRow } from '#core/cost/ledger-row.ts';
import { sumUsd } from '#core/cost/usd.ts';
import { escalatedMillis } from '#core/escalation/escalation-use.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import type { RequestUse } from '../handler.ts';
import type { FinishedRequest, InferenceDependencies } from '../handler-dependencies.ts';
import type { PredictionRecorder } from './record-predictions.ts';

/**
 * Prices requests as AWS would have charged them: a Lambda of one vCPU for the time that this process
 * took, behind the REST API. Where nothing is metered this is an estimate, and it says so.
 */
export function createRequestCharges(options: {
  readonly rates: LaneRates;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly predictions: PredictionRecorder;
}): Pick<Required<InferenceDependencies>, 'costOf' | 'recordRequest'> {
  const { rates, ledger, clock, predictions } = options;
  const basis = basisOf(rates);
  return {
    costOf: (usage) => ({ usd: usdOf(answerLines(usage.processingMillis, rates)), basis }),
    recordRequest: (request) => {
      const { usage } = request;
      const at = new Date(clock.epochMillis()).toISOString();
      predictions.keep(request);
      ledger.append(
        ledgerRow({
          id: request.requestId,
          at,
          source: 'request',
          tenant: request.tenant,
          model: request.model ?? null,
          lane: 'cpu',
          job: null,
          region: rates.region,
          items: usage?.items ?? 0,
          tokens: usage?.tokens ?? 0,
          basis: 'estimate',
          lines: rowLines(request, rates),
          digest: predictions.digest(request),
        }),
      );
      if (usage?.escalation === undefined) return;
      const { requestId: id, tenant } = request;
      const escalated = { id, at, tenant, memoryMib: LAMBDA_MEMORY_MIB };
      const row = escalationRow(escalated, usage.escalation, rates);
      if (row !== undefined) ledger.append(row);
    },
  };
}

function rowLines(request: FinishedRequest, rates: LaneRates): ChargeLine[] {
  const { usage, elapsedMillis, responseBytes } = request;
  const isAnswer = request.status < 400 && usage !== undefined;
  const billedMillis = usage === undefined ? elapsedMillis : ownMillis(usage);
  return requestLines({ ...usualRequest, billedMillis, responseBytes, answered: isAnswer }, rates);
}

/** Of the request's own row: with the wait for an endpoint, without the time of a second model. */
function ownMillis({ processingMillis, escalation }: RequestUse): number {
  return processingMillis + (escalation?.millis ?? 0) - escalatedMillis(escalation);
}

function usdOf(lines: readonly ChargeLine[]): number {
  return sumUsd(lines.map(({ usd }) => usd)).toNumber();
}

function basisOf({ region, architecture, standIns }: LaneRates): string {
  const place = `${LAMBDA_MEMORY_MIB} MB ${architecture} in ${region}`;
  const borrowed = standIns.length === 0 ? '' : `, some prices of us-east-1`;
  return `estimate: this time on AWS Lambda (${place}${borrowed}) with REST API and log; nothing was charged`;
}
