import type {
  EscalationAnswerer,
  EscalationFailure,
  EscalationSummary,
} from '../contract/escalation.ts';
import { plainUsd } from '../cost/plain-usd.ts';
import type { RescoreOutcome, RescoreTokens } from '../ports/rescorer.ts';
import type { EndpointPrice } from './escalation-settings.ts';

/** What the second answers of one request took: what its price and its row are made from. */
export interface EscalationUse {
  readonly by: EscalationAnswerer;
  readonly threshold: number;
  readonly escalated: number;
  readonly failed: number;
  readonly skipped: number;
  /** Why the failed ones failed, each once. */
  readonly reasons: readonly EscalationFailure[];
  /** Tokens of answers that stand. */
  readonly useful: RescoreTokens;
  /** Tokens of answers that do not: they are billed all the same. */
  readonly lost: RescoreTokens;
  /** Answers that stand and whose tokens nobody counted. */
  readonly uncounted: number;
  readonly millis: number;
  /** Of an endpoint; absent where its price is not known, and for models. */
  readonly price?: EndpointPrice;
}

/** Adds up what was asked and answered. */
export function escalationUse(
  outcomes: readonly RescoreOutcome[],
  facts: Pick<EscalationUse, 'by' | 'threshold' | 'skipped' | 'millis' | 'price'>,
): EscalationUse {
  const good = outcomes.filter(({ ok }) => ok);
  const bad = outcomes.filter(({ ok }) => !ok);
  return {
    ...facts,
    escalated: good.length,
    failed: bad.length,
    reasons: [...new Set(outcomes.flatMap((each) => (each.ok ? [] : [each.reason])))],
    useful: tokensOf(good),
    lost: tokensOf(bad),
    uncounted: good.filter(({ tokens }) => tokens === undefined).length,
  };
}

function tokensOf(outcomes: readonly RescoreOutcome[]): RescoreTokens {
  return {
    input: outcomes.reduce((sum, { tokens }) => sum + (tokens?.input ?? 0), 0),
    output: outcomes.reduce((sum, { tokens }) => sum + (tokens?.output ?? 0), 0),
  };
}

/** Tokens that were read and written, whatever came of them. */
export function allTokens({ useful, lost }: Pick<EscalationUse, 'useful' | 'lost'>): number {
  return useful.input + useful.output + lost.input + lost.output;
}

/** Time of its request that the request's own row leaves out, since it is in this one. */
export function escalatedMillis(use: EscalationUse | undefined): number {
  return use?.by.kind === 'model' ? use.millis : 0;
}

/** Dollars of an endpoint's tokens, for answers and estimates; ledgers add up exactly elsewhere. */
export function endpointUsd(tokens: RescoreTokens, price: EndpointPrice): number {
  const { inputUsdPerMillion: input, outputUsdPerMillion: output } = price;
  return plainUsd((tokens.input * Number(input) + tokens.output * Number(output)) / 1e6);
}

/** What the answer says of it. `timeUsd`: what its time costs here. */
export function escalationSummary(use: EscalationUse, timeUsd: number): EscalationSummary {
  const { by, threshold, escalated, failed, skipped } = use;
  return {
    by,
    threshold,
    escalated,
    failed,
    skipped,
    tokens: allTokens(use),
    processing_time_ms: use.millis,
    ...pricedBy(use, timeUsd),
  };
}

function pricedBy(
  { by, useful, lost, uncounted, price, escalated, failed }: EscalationUse,
  timeUsd: number,
): Pick<EscalationSummary, 'usd' | 'basis'> {
  if (by.kind === 'model') return { usd: timeUsd, basis: 'its time, as the rest of the answer' };
  if (escalated + failed === 0) return { usd: timeUsd, basis: 'nothing was asked' };
  if (price === undefined) {
    return { usd: null, basis: `no price of ${by.model} is configured; it is not 0` };
  }
  if (uncounted > 0) {
    return { usd: null, basis: `${by.model} did not count the tokens of ${uncounted} answers` };
  }
  const tokens = { input: useful.input + lost.input, output: useful.output + lost.output };
  const { inputUsdPerMillion: input, outputUsdPerMillion: output, source, asOf } = price;
  const list = `${input} and ${output} USD per million tokens read and written (${source}, ${asOf})`;
  return {
    usd: plainUsd(timeUsd + endpointUsd(tokens, price)),
    basis: `${list}, and the time of waiting; tries that broke off are not in it`,
  };
}
