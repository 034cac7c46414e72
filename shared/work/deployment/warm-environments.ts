import type { FunctionInvoker } from '#core/ports/function-invoker.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { nextRound, type PingOutcome } from '#core/warming/plan-pings.ts';
import { warmUpAnswerSchema, warmUpPing } from '#core/warming/warm-up-ping.ts';

export interface WarmEnvironmentsOptions {
  /** The inference function, with the alias that callers reach. */
  readonly functionName: string;
  /** Environments to keep; so many pings are in flight at once. */
  readonly environments: number;
  readonly holdMillis: number;
  readonly invoker: FunctionInvoker;
}

/** Sends rounds of pings until as many distinct environments have answered; what came of each ping. */
export async function warmEnvironments(
  options: WarmEnvironmentsOptions,
): Promise<readonly (readonly PingOutcome[])[]> {
  const rounds: (readonly PingOutcome[])[] = [];
  for (;;) {
    const round = nextRound(options, rounds);
    if (round === undefined) return rounds;
    const { pings, holdMillis } = round;
    rounds.push(
      await Promise.all(Array.from({ length: pings }, () => sendPing(options, holdMillis))),
    );
  }
}

async function sendPing(
  { invoker, functionName }: WarmEnvironmentsOptions,
  holdMillis: number,
): Promise<PingOutcome> {
  try {
    const answer = await invoker.call(functionName, warmUpPing(holdMillis));
    const parsed = warmUpAnswerSchema.safeParse(answer);
    if (parsed.success) return { ok: true, answer: parsed.data };
    return { ok: false, reason: 'the answer is not that of a warmed environment' };
  } catch (error) {
    const reason = error instanceof SwitchyardError ? error.detail : String(error);
    return { ok: false, reason };
  }
}
