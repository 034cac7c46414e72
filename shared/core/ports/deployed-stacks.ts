/** The stacks of a deployment, when it is to go. */
export interface DeployedStacks {
  /** Outputs by their keys, or undefined where there is no such stack. */
  outputs(stackName: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** Resolves when the stack is gone; at once where there was none. Throws `worker_failed` with the reason. */
  remove(stackName: string): Promise<void>;
  /** Deletes every object and every version, and says how many; 0 where there is no such bucket. */
  emptyBucket(bucket: string): Promise<number>;
  /** Deletes an empty bucket; nothing where there is none. */
  removeBucket(bucket: string): Promise<void>;
}
