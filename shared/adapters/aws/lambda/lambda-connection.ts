/** How AWS Lambda is reached. Credentials come from the SDK's own chain (role, environment, profile). */
export interface LambdaConnectionOptions {
  /**
   * Base URL of another implementation.
   *
   * @default - AWS
   */
  readonly endpoint?: string;
  /**
   * Region of the functions.
   *
   * @default - AWS_REGION
   */
  readonly region?: string;
  /**
   * Tries of one call, the first included.
   *
   * @default 4
   */
  readonly maxAttempts?: number;
  /**
   * Longest wait for an answer, in milliseconds. A function may run 15 minutes.
   *
   * @default 60000
   */
  readonly answerTimeoutMillis?: number;
}
