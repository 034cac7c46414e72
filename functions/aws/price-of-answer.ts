import type { z } from 'zod';
import { plainUsd } from '#core/cost/plain-usd.ts';
import type { inferenceSettingsSchema } from '#core/deployment/function-settings.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';

/**
 * What an answer costs: its time by the memory of the function, and what every answer takes, as
 * `answerLines` has it. Two prices are given at synth: lines would need the catalogue in each cold start.
 */
export function priceOfAnswer(
  settings: Pick<
    z.infer<typeof inferenceSettingsSchema>,
    'SWITCHYARD_USD_PER_GB_SECOND' | 'SWITCHYARD_USD_PER_ANSWER'
  >,
  variables: Readonly<Record<string, string | undefined>>,
): InferenceDependencies['costOf'] {
  const { SWITCHYARD_USD_PER_GB_SECOND: second, SWITCHYARD_USD_PER_ANSWER: always } = settings;
  const region = variables['AWS_REGION'] ?? 'this region';
  if (second === undefined || always === undefined) {
    return () => ({ usd: 0, basis: `no price of AWS Lambda in ${region} is known; it is not 0` });
  }
  const memoryMb = Number(variables['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0);
  const usdPerMilli = (second * memoryMb) / 1_024 / 1_000;
  const basis = `estimate: this time on AWS Lambda (${memoryMb} MB ${process.arch} in ${region}) with REST API and log, by list prices`;
  return ({ processingMillis }) => ({
    // Whole milliseconds are billed.
    usd: plainUsd(always + Math.ceil(processingMillis) * usdPerMilli),
    basis,
  });
}
