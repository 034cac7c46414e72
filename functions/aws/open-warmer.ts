import { createEmfMetricSink } from '#adapters/aws/emf-metric-sink.ts';
import { type LedgerRow, ledgerRow } from '#core/cost/ledger-row.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { warmerSettingsSchema } from '#core/deployment/function-settings.ts';
import { billedMetrics } from '#core/metrics/billed-metrics.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { FunctionInvoker } from '#core/ports/function-invoker.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { utcDay } from '#core/utc-day.ts';
import type { PingOutcome } from '#core/warming/plan-pings.ts';
import { type WarmUpBill, warmUpLines } from '#core/warming/warm-up-lines.ts';
import { type WarmUpReceipt, warmUpReceipt } from '#core/warming/warm-up-receipt.ts';
import { warmEnvironments } from '#work/deployment/warm-environments.ts';
import type { Log } from '../handler-dependencies.ts';
import { readFunctionSettings } from './read-function-settings.ts';

/**
 * The warmer: one run pings, counts and prices, logs its receipt as one line and returns it. Throws
 * `not_ready` where not a single environment answered, so that the run counts as failed.
 */
export function openWarmer(
  variables: Readonly<Record<string, string | undefined>>,
  deps: { readonly invoker: FunctionInvoker; readonly clock: Clock; readonly log: Log },
): () => Promise<WarmUpReceipt> {
  const settings = readFunctionSettings(warmerSettingsSchema, variables);
  const { clock, log } = deps;
  const metrics = createEmfMetricSink({
    namespace: settings.SWITCHYARD_METRICS_NAMESPACE,
    billed: billedMetrics,
    clock,
  });
  const today = utcDay(clock.epochMillis());
  const prices = openShippedPrices({ today });
  const machine = {
    memoryMib: Number(variables['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0),
    architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    region: variables['AWS_REGION'] ?? 'unknown',
  } as const;

  return async () => {
    const startedMillis = clock.monotonicMillis();
    const environments = settings.SWITCHYARD_WARM_ENVIRONMENTS;
    const rounds = await warmEnvironments({
      functionName: settings.SWITCHYARD_WARM_FUNCTION,
      environments,
      holdMillis: settings.SWITCHYARD_WARM_HOLD_MILLIS,
      invoker: deps.invoker,
    });
    const warmer = { ...machine, millis: clock.monotonicMillis() - startedMillis };
    const bill = { prices, warmer };
    const receipt = warmUpReceipt(environments, rounds, bill);
    const row = warmUpRow(rounds.flat(), bill, clock.epochMillis());
    if (row !== undefined) log(row);
    const isShort = receipt.environments.length < environments;
    log({ level: isShort ? 'warn' : 'info', event: 'warm_up_receipt', ...receipt });
    metrics.count('warm_up_environments_total', receipt.environments.length);
    await metrics.flush();
    if (receipt.environments.length > 0) return receipt;
    throw new SwitchyardError(
      'not_ready',
      `No environment answered a ping: ${receipt.reasons.join('; ')}. See the log of the function.`,
    );
  };
}

/** The run in the ledger, by the log; undefined where a price is not known. */
function warmUpRow(
  outcomes: readonly PingOutcome[],
  bill: WarmUpBill,
  epochMillis: number,
): LedgerRow | undefined {
  const priced = warmUpLines(outcomes, bill);
  if (priced.kind === 'unknown') return undefined;
  const at = new Date(epochMillis).toISOString();
  return ledgerRow({
    ...{ id: `warm-up ${at}`, at, source: 'warm-up', tenant: 'deployment', model: null },
    ...{ lane: 'cpu', job: null, region: bill.warmer.region, items: 0, tokens: 0 },
    ...{ basis: 'estimate', lines: [...priced.lines] },
  });
}
