import type { EscalationLine } from '#core/cost/escalation-line.ts';
import type { UsageLine } from '#core/cost/usage-line.ts';
import { escalatedMillis } from '#core/escalation/escalation-use.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { InferenceDependencies, Log } from '../handler-dependencies.ts';
import type { PredictionRecorder } from '../inference/record-predictions.ts';
import type { EnvironmentFacts } from '../middleware/warm-up.ts';

/**
 * Takes requests into the ledger by one line of the log each, which the deployment brings to where
 * `GET /costs` reads it. `initMillis` says what of the environment's start falls to this call.
 */
export function createUsageLog(options: {
  readonly environment: Pick<EnvironmentFacts, 'memoryMib' | 'architecture'>;
  readonly initMillis: () => number;
  readonly region: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly predictions: PredictionRecorder;
}): NonNullable<InferenceDependencies['recordRequest']> {
  const { memoryMib, architecture } = options.environment;
  const { predictions } = options;
  return (request) => {
    const { requestId, tenant, model, usage, elapsedMillis, status, responseBytes } = request;
    predictions.keep(request);
    const at = new Date(options.clock.epochMillis()).toISOString();
    const place = { region: options.region, architecture, memoryMib };
    const escalation = usage?.escalation;
    const line: UsageLine = {
      usage: 1,
      basis: 'estimate',
      id: requestId,
      at,
      tenant,
      model: model ?? null,
      ...place,
      billedMillis: Math.ceil(elapsedMillis - escalatedMillis(escalation)),
      initMillis: Math.ceil(options.initMillis()),
      responseBytes,
      answered: status < 400 && usage !== undefined,
      items: usage?.items ?? 0,
      tokens: usage?.tokens ?? 0,
      digest: predictions.digest(request),
    };
    options.log(line);
    if (escalation === undefined) return;
    const second: EscalationLine = {
      ...{ escalation: 1, basis: 'estimate', id: requestId, at, tenant, ...place },
      use: escalation,
    };
    options.log(second);
  };
}
