import { createHash } from 'node:crypto';
import { constants } from 'node:os';
import { type AttemptEnd, CONTAINER_EXITED, hostTerminated } from '#core/jobs/retry-rules.ts';
import type { WorkerEnd } from './start-worker-process.ts';
import type { WorkerTry } from './worker-submission.ts';

/** A crash of the worker itself: its container ends with 128 + n, its host lives on. */
const crashSignals: ReadonlySet<string> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
]);

/**
 * What AWS Batch would say of a process that ended like this. Every worker has an instance of its own
 * here; being killed means that the instance was lost, unless the queue itself stopped the worker.
 */
export function attemptEndOf(
  end: WorkerEnd,
  worker: { readonly instanceId: string; readonly wasStopped: boolean },
): AttemptEnd {
  if (end.kind === 'not-started') {
    const reason = `CannotStartContainerError: ${end.reason}`;
    return { exitCode: undefined, statusReason: 'Task failed to start', reason };
  }
  if (end.kind === 'exit') {
    return { exitCode: end.exitCode, statusReason: CONTAINER_EXITED, reason: undefined };
  }
  if (worker.wasStopped || crashSignals.has(end.signal)) {
    const exitCode = 128 + signalNumber(end.signal);
    return { exitCode, statusReason: CONTAINER_EXITED, reason: undefined };
  }
  return {
    exitCode: undefined,
    statusReason: hostTerminated(worker.instanceId),
    reason: undefined,
  };
}

/** Name of the instance that one try of a worker has to itself; another try has another one. */
export function instanceIdOf(name: string, { arrayIndex, attempt }: WorkerTry): string {
  const digest = createHash('sha256').update(`${name}:${arrayIndex}:${attempt}`).digest('hex');
  return `i-${digest.slice(0, 17)}`;
}

function signalNumber(signal: string): number {
  return Object.entries(constants.signals).find(([name]) => name === signal)?.[1] ?? 0;
}
