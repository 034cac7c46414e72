/** Exit codes of a worker; the retry rules of the queue are written against them. */
export const exitCodes = {
  /** Nothing is left for this worker. */
  finished: 0,
  /** An error that a retry may not cure. */
  failed: 1,
  /** The provider is absent or a setting is wrong: no row was touched, and none will be (EX_USAGE). */
  refused: 64,
  /** Asked to leave; the next attempt goes on from the last commit (EX_TEMPFAIL). */
  drained: 75,
} as const;
