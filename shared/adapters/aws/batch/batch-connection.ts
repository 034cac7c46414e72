/** How AWS Batch is reached. Credentials come from the SDK's own chain (role, environment, profile). */
export interface BatchConnectionOptions {
  /**
   * Base URL of another implementation.
   *
   * @default - AWS
   */
  readonly endpoint?: string;
  /**
   * Region of the queues.
   *
   * @default - AWS_REGION
   */
  readonly region?: string;
  /**
   * Longest wait for an answer, in milliseconds.
   *
   * @default 20000
   */
  readonly answerTimeoutMillis?: number;
}
