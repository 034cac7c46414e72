/** Time as a port, so that tests and the simulation own it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump; use it for records, never for decisions. */
  epochMillis(): number;
  /** Never goes backwards; its zero means nothing. Durations and expiry use this one. */
  monotonicMillis(): number;
  /** Resolves after `millis`, or at once, without an error, when `signal` is or gets aborted. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}
