import { type ErrorCode, errorCodes } from './error-codes.ts';

/**
 * The one error that callers may see. `detail` says what was wrong, the limit and the remedy, and
 * never repeats an input text. Anything else that is thrown is a bug and answered as `internal`.
 */
export class SwitchyardError extends Error {
  override readonly name = 'SwitchyardError';
  readonly code: ErrorCode;
  readonly detail: string;
  /** Further members of the problem document, snake_case, such as `limit_bytes`. */
  readonly members: Readonly<Record<string, unknown>>;
  /** @default - no Retry-After header */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: string, options: SwitchyardErrorOptions = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.detail = detail;
    this.members = options.members ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }
}

export interface SwitchyardErrorOptions {
  /**
   * Further members of the problem document, snake_case.
   *
   * @default {}
   */
  readonly members?: Readonly<Record<string, unknown>>;
  /**
   * Earliest time for a retry, in seconds.
   *
   * @default - no Retry-After header
   */
  readonly retryAfterSeconds?: number;
  /**
   * The error behind this one; logged, never shown.
   *
   * @default - none
   */
  readonly cause?: unknown;
}
