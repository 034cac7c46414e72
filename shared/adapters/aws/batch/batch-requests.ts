import {
  BatchClient,
  DescribeJobsCommand,
  type JobDetail,
  type JobSummary,
  ListJobsCommand,
  type ListJobsCommandInput,
  SubmitJobCommand,
  type SubmitJobCommandInput,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import type { BatchConnectionOptions } from './batch-connection.ts';

const defaults = { answerTimeoutMillis: 20_000, connectTimeoutMillis: 3_000 } as const;

/** Everything but SubmitJob may be repeated. The account has 50 calls a second of each kind. */
const MAX_ATTEMPTS = 6;

/** The calls of AWS Batch that the adapter makes. This file alone imports the SDK's client. */
export function createBatchRequests(options: BatchConnectionOptions) {
  const connection = { ...defaults, ...options };
  const shared = {
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint, region: 'us-east-1' }),
    ...(options.region === undefined ? {} : { region: options.region }),
    requestHandler: {
      connectionTimeout: connection.connectTimeoutMillis,
      requestTimeout: connection.answerTimeoutMillis,
      throwOnRequestTimeout: true,
    },
  };
  const client = new BatchClient({ ...shared, maxAttempts: MAX_ATTEMPTS });
  // It has no idempotency token: a retry of the SDK's own after a lost answer would submit twice.
  const submitter = new BatchClient({ ...shared, maxAttempts: 1 });
  return {
    async submit(input: SubmitJobCommandInput): Promise<string> {
      const { jobId } = await submitter.send(new SubmitJobCommand(input));
      return jobId ?? '';
    },
    /** At most 100; those that are not known any more are left out. */
    async describe(jobIds: readonly string[]): Promise<readonly JobDetail[]> {
      const { jobs = [] } = await client.send(new DescribeJobsCommand({ jobs: [...jobIds] }));
      return jobs;
    },
    async terminate(jobId: string, reason: string): Promise<void> {
      await client.send(new TerminateJobCommand({ jobId, reason }));
    },
    /** In every status. The filter takes letters of either case alike, so the caller compares. */
    listByName: (jobQueue: string, name: string) =>
      listAll(client, { jobQueue, filters: [{ name: 'JOB_NAME', values: [name] }] }),
    close() {
      client.destroy();
      submitter.destroy();
    },
  };
}

export type BatchRequests = ReturnType<typeof createBatchRequests>;

async function listAll(
  client: BatchClient,
  input: ListJobsCommandInput,
): Promise<readonly JobSummary[]> {
  const found: JobSummary[] = [];
  let nextToken: string | undefined;
  do {
    const page = { ...input, ...(nextToken === undefined ? {} : { nextToken }) };
    const answer = await client.send(new ListJobsCommand(page));
    found.push(...(answer.jobSummaryList ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined);
  return found;
}
