/** How a worker that a fleet call started came to its end. */
export type FleetWorkerEnd =
  | { readonly kind: 'exit'; readonly exitCode: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly reason: string };

/** The worker entry as a process of this call. */
export interface FleetWorker {
  /** Resolves, never rejects, when it is gone. */
  readonly ended: Promise<FleetWorkerEnd>;
  /** Asks it to leave, and ends it after `graceMillis`. */
  stop(graceMillis: number): void;
}

/** A crash by its own fault, which another try would repeat. */
const crashSignals = new Set(['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGSYS']);
const crashExitCodes: Readonly<Record<string, number>> = {
  SIGILL: 132,
  SIGABRT: 134,
  SIGBUS: 135,
  SIGFPE: 136,
  SIGSEGV: 139,
  SIGSYS: 159,
};

/** The worker asked for another try: it left in time (EX_TEMPFAIL). */
const DRAINED = 75;

export interface JudgedEnd {
  readonly outcome: 'succeeded' | 'failed' | 'again';
  readonly exitCode: number | null;
  readonly reason: string;
}

/** What follows from an end, by the same rules as in AWS Batch: 75 and a kill are tried again. */
export function judgeEnd(end: FleetWorkerEnd): JudgedEnd {
  if (end.kind === 'not-started') {
    const reason = `the worker could not be started: ${end.reason}`;
    return { outcome: 'failed', exitCode: null, reason };
  }
  if (end.kind === 'signal') {
    const reason = `the worker was ended by ${end.signal}`;
    const isCrash = crashSignals.has(end.signal);
    const exitCode = crashExitCodes[end.signal] ?? null;
    return { outcome: isCrash ? 'failed' : 'again', exitCode, reason };
  }
  const { exitCode } = end;
  const reason = `the worker exited with ${exitCode}`;
  if (exitCode === 0) return { outcome: 'succeeded', exitCode, reason };
  return { outcome: exitCode === DRAINED ? 'again' : 'failed', exitCode, reason };
}
