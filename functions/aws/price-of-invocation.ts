import type { InferenceDependencies } from '../handler-dependencies.ts';

// AWS Lambda list prices in us-east-1, first tier, read from the Price List API on 2025-10-28.
const usdPerGibSecond = { x64: 0.0000166667, arm64: 0.0000133334 } as const;
const usdPerRequest = 0.0000002;

/**
 * What an answer cost inside Lambda: its time by the memory of the function, and the request. What the
 * platform adds (init, rounding to 1 ms, API Gateway) is in the ledger, not known here.
 */
export function priceOfInvocation(
  variables: Readonly<Record<string, string | undefined>>,
): InferenceDependencies['costOf'] {
  const memoryMb = Number(variables['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0);
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';
  const rate = usdPerGibSecond[architecture];
  return ({ processingMillis }) => {
    const usd = usdPerRequest + (processingMillis / 1_000) * (memoryMb / 1_024) * rate;
    return {
      usd: Math.round(usd * 1e12) / 1e12,
      basis: `AWS Lambda ${architecture}, ${memoryMb} MB, list price of us-east-1`,
    };
  };
}
