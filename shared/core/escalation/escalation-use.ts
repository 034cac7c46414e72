import type { EscalationAnswerer, EscalationSummary } from '../contract/escalation.ts';
import type { RescoreOutcome, RescoreTokens } from '../ports/rescorer.ts';
import type { EndpointPrice } from './escalation-settings.ts';

/** What the second answers of one request took: what its price and its row are made from. */
export interface EscalationUse {
  readonly by: EscalationAnswerer;
  readonly threshold: number;
  readonly escalated: number;
  readonly failed: number;
  readonly skipped: number;
  /** Tokens of answers that stand. */
  readonly useful: RescoreTokens;
  /** Tokens of answers that do not: they are billed all the same. */
  readonly lost: RescoreTokens;
  /** Answers that stand and whose tokens nobody counted. */
  readonly uncounted: number;
  readonly millis: number;
  /** Of an endpoint; undefined where its price is not known, and for models. */
  readonly price: EndpointPrice | undefined;
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

/** Dollars of an endpoint's tokens, for answers and estimates; ledgers add up exactly elsewhere. */
export function endpointUsd(tokens: RescoreTokens, price: EndpointPrice): number {
  const { inputUsdPerMillion: input, outputUsdPerMillion: output } = price;
  const usd = (tokens.input * Number(input) + tokens.output * Number(output)) / 1e6;
  return Math.round(usd * 1e12) / 1e12;
}

/** What the answer says of it. `modelUsd`: what its time costs where a model of ours was asked. */
export function escalationSummary(use: EscalationUse, modelUsd: number): EscalationSummary {
  const { by, threshold, escalated, failed, skipped } = use;
  return {
    by,
    threshold,
    escalated,
    failed,
    skipped,
    tokens: allTokens(use),
    processing_time_ms: use.millis,
    ...pricedBy(use, modelUsd),
  };
}

function pricedBy(
  { by, useful, lost, uncounted, price, escalated, failed }: EscalationUse,
  modelUsd: number,
): Pick<EscalationSummary, 'usd' | 'basis'> {
  if (by.kind === 'model') return { usd: modelUsd, basis: 'its time, as the rest of the answer' };
  if (escalated + failed === 0) return { usd: 0, basis: 'nothing was asked' };
  if (price === undefined) {
    return { usd: null, basis: `no price of ${by.model} is configured; it is not 0` };
  }
  if (uncounted > 0) {
    return { usd: null, basis: `${by.model} did not count the tokens of ${uncounted} answers` };
  }
  const tokens = { input: useful.input + lost.input, output: useful.output + lost.output };
  const usd = endpointUsd(tokens, price);
  const perMillion = `${price.inputUsdPerMillion} and ${price.outputUsdPerMillion} USD per million tokens read and written`;
  return {
    usd,
    basis: `${perMillion} (${price.source}, ${price.asOf}); tries that broke off are not in it`,
  };
}
