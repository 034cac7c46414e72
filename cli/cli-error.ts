import type { ExitCode } from './exit-codes.ts';

/**
 * Ends a command: `detail` says what was wrong, `remedy` what to do. `code` is the service's own
 * where it answered, which may be newer than this program's list.
 */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string | undefined;
  readonly requestId: string | undefined;
  /** True where the same call can succeed later. */
  readonly isRetryable: boolean;

  constructor(exitCode: ExitCode, code: string, detail: string, options: CliErrorOptions = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? {} : { cause: options.cause });
    this.exitCode = exitCode;
    this.code = code;
    this.detail = detail;
    this.remedy = options.remedy;
    this.requestId = options.requestId;
    this.isRetryable = options.isRetryable ?? false;
  }
}

export interface CliErrorOptions {
  /** @default - nothing can be advised */
  readonly remedy?: string | undefined;
  /** @default - the service did not answer */
  readonly requestId?: string | undefined;
  /** @default false */
  readonly isRetryable?: boolean;
  /** @default - none */
  readonly cause?: unknown;
}
