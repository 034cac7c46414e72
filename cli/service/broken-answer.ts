import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** What a failure in the middle of an answer means; for those who read bodies. */
export function brokenAnswer(baseUrl: string, cause: unknown): CliError {
  return new CliError(
    exitCodes.unreachable,
    'connection_lost',
    `the connection to ${baseUrl} broke off in the middle of the answer`,
    { remedy: 'Run the command again.', isRetryable: true, cause },
  );
}
