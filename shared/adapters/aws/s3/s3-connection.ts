/** How S3 is reached. Credentials come from the SDK's own chain (role, environment, profile). */
export interface S3ConnectionOptions {
  /**
   * Base URL of another S3 implementation, addressed in path style.
   *
   * @default - AWS
   */
  readonly endpoint?: string;
  /**
   * Region of the buckets.
   *
   * @default - AWS_REGION
   */
  readonly region?: string;
  /**
   * Tries of one call, the first included.
   *
   * @default 8
   */
  readonly maxAttempts?: number;
  /**
   * Longest wait for a connection, in milliseconds.
   *
   * @default 3000
   */
  readonly connectTimeoutMillis?: number;
  /**
   * Longest wait from the request to the head of the answer, in milliseconds.
   *
   * @default 30000
   */
  readonly answerTimeoutMillis?: number;
  /**
   * Longest silence inside a body, in milliseconds. A consumer that pauses longer costs a new
   * request, not an error.
   *
   * @default 20000
   */
  readonly idleTimeoutMillis?: number;
}
