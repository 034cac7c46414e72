/** What a deployment needs to know of the AWS account and region that it goes to. */
export interface AccountFacts {
  /** Whose credentials these are. */
  identity(): Promise<{ readonly account: string; readonly principal: string }>;
  /** Version of the CDK's own stack in the region; undefined where it is not there. */
  bootstrapVersion(): Promise<number | undefined>;
  /** vCPUs of GPU instances that may run at once. */
  gpuVcpus(kind: 'spot' | 'on-demand'): Promise<number>;
  /** Those of the instance types that the region has. */
  offeredTypes(instanceTypes: readonly string[]): Promise<readonly string[]>;
  /** Lambda functions that may run at once in the region, and how many of them nobody has reserved. */
  concurrency(): Promise<{ readonly limit: number; readonly unreserved: number }>;
}
