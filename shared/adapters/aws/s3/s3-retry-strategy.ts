import { fullJitterMillis } from './full-jitter.ts';

/** The SDK's classes: TRANSIENT is 500, 502, 503, 504, time-outs and broken connections. */
interface RetryErrorInfo {
  readonly errorType: 'TRANSIENT' | 'THROTTLING' | 'SERVER_ERROR' | 'CLIENT_ERROR';
  readonly error?: Error;
}

interface RetryToken {
  getRetryCount(): number;
  getRetryDelay(): number;
}

const transient = { baseMillis: 50, longestMillis: 20_000 };
// SlowDown means that the prefix is over its rate; S3 needs seconds to split it.
const throttled = { baseMillis: 250, longestMillis: 20_000 };

/**
 * Full jitter, bounded per call. The SDK's own strategy also bounds retries per client, by a quota of
 * 500 of which a retry takes 14: 36 calls that fail at once fail for good, and a refusal (412, 404)
 * after a retry never gives its share back, so a long-lived worker ends without any retries.
 */
export function createS3RetryStrategy({ maxAttempts }: { readonly maxAttempts: number }) {
  return {
    async acquireInitialRetryToken(): Promise<RetryToken> {
      return retryToken(0, 0);
    },
    async refreshRetryTokenForRetry(last: RetryToken, info: RetryErrorInfo): Promise<RetryToken> {
      const round = last.getRetryCount() + 1;
      const isWorthIt = info.errorType === 'TRANSIENT' || info.errorType === 'THROTTLING';
      if (!isWorthIt || round >= maxAttempts) {
        // What is thrown here only tells the SDK to throw the error of the call.
        throw info.error;
      }
      const bounds = info.errorType === 'THROTTLING' ? throttled : transient;
      return retryToken(round, fullJitterMillis(round, bounds));
    },
    recordSuccess(): void {},
  };
}

function retryToken(count: number, delayMillis: number): RetryToken {
  return { getRetryCount: () => count, getRetryDelay: () => delayMillis };
}
