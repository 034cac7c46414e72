import type { BudgetStatus } from '#core/contract/budget.ts';
import { readBudgetStatusReply } from '#core/deployment/budget-status-call.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { FunctionInvoker } from '#core/ports/function-invoker.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';

/** How long an answer is believed; the sums behind it may be as old again. */
const BELIEVED_MILLIS = 60_000;

interface Known {
  readonly status: BudgetStatus | undefined;
  readonly atMonotonicMillis: number;
}

/**
 * Asks the function that may read the ledger, once a minute and tenant. Where nobody answers, the last
 * answer counts, and before the first one there is no limit: a budget slows spending down, it is not
 * worth an outage.
 */
export function createRemoteBudgets(options: {
  readonly invoker: Pick<FunctionInvoker, 'call'>;
  readonly functionName: string;
  /** False for tenants without a budget, for whom nobody is asked. */
  readonly hasBudget: (tenant: string) => boolean;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}): TenantBudgets {
  const { invoker, functionName, clock } = options;
  const known = new Map<string, Known>();

  async function ask(tenant: string): Promise<BudgetStatus | undefined> {
    const atMonotonicMillis = clock.monotonicMillis();
    const reply = await invoker.call(functionName, { kind: 'budget-status', tenant });
    const status = readBudgetStatusReply(reply);
    known.set(tenant, { status, atMonotonicMillis });
    return status;
  }

  return {
    async statusOf(tenant) {
      if (!options.hasBudget(tenant)) return undefined;
      const last = known.get(tenant);
      if (last !== undefined && isGood(last, clock)) return last.status;
      try {
        return await ask(tenant);
      } catch (error) {
        options.onError(error);
        return last === undefined || isOver(last, clock) ? undefined : last.status;
      }
    },
  };
}

function isGood(known: Known, clock: Clock): boolean {
  const isYoung = clock.monotonicMillis() - known.atMonotonicMillis < BELIEVED_MILLIS;
  return isYoung && !isOver(known, clock);
}

/** Its month is. */
function isOver({ status }: Known, clock: Clock): boolean {
  return status !== undefined && clock.epochMillis() >= Date.parse(status.resetsAt);
}
