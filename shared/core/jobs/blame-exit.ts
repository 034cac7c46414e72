/** How a process ended, as the operating system tells it: exactly one of the two is not null. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * `crashed`: the process failed by its own fault, so what it was doing may be to blame. `killed`:
 * somebody ended it (a spot reclaim, an operator, the kernel short of memory) or it left in a way that
 * says nothing about its input; no row is ever blamed for that.
 */
export function blameExit({ code, signal }: ProcessExit): 'crashed' | 'killed' {
  if (signal !== null) return faultSignals.has(signal) ? 'crashed' : 'killed';
  return code !== null && faultCodes.has(code) ? 'crashed' : 'killed';
}

// What the processor or the runtime raises against the process itself. V8 ends itself by SIGTRAP.
const faultSignals = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

// The same signals as a shell or an init process passes them on: 128 + number. 137 (SIGKILL) and 143
// (SIGTERM) are not among them.
const faultCodes = new Set([139, 134, 135, 132, 136, 133]);
