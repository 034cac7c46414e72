import type { z } from 'zod';
import type { inferenceSettingsSchema } from '#core/deployment/function-settings.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';

/**
 * What an answer cost inside Lambda: its time by the memory of the function, and the call. What the
 * platform adds (init, rounding to 1 ms, API Gateway, the log) is in the ledger, not known here.
 */
export function priceOfInvocation(
  settings: Pick<
    z.infer<typeof inferenceSettingsSchema>,
    'SWITCHYARD_USD_PER_GB_SECOND' | 'SWITCHYARD_USD_PER_INVOCATION'
  >,
  variables: Readonly<Record<string, string | undefined>>,
): InferenceDependencies['costOf'] {
  const { SWITCHYARD_USD_PER_GB_SECOND: second, SWITCHYARD_USD_PER_INVOCATION: call } = settings;
  const region = variables['AWS_REGION'] ?? 'this region';
  if (second === undefined || call === undefined) {
    return () => ({ usd: 0, basis: `no price of AWS Lambda in ${region} is known; it is not 0` });
  }
  const memoryMb = Number(variables['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0);
  const usdPerMilli = (second * memoryMb) / 1_024 / 1_000;
  const basis = `AWS Lambda ${process.arch}, ${memoryMb} MB, list price of ${region}`;
  return ({ processingMillis }) => ({
    usd: Math.round((call + processingMillis * usdPerMilli) * 1e12) / 1e12,
    basis,
  });
}
