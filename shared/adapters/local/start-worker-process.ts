import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** How a worker process ended: by an exit code, by a signal, or it never started. */
export type WorkerEnd =
  | { readonly kind: 'exit'; readonly exitCode: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly reason: string };

export interface WorkerProcess {
  /** Resolves, never rejects, when the process is gone. */
  readonly ended: Promise<WorkerEnd>;
  /** SIGTERM now, SIGKILL after `graceMillis` (0: at once). Of several calls the shortest counts. */
  stop(graceMillis: number): void;
}

/** Takes one line that a worker wrote, without its line end. */
export type WorkerLog = (line: string, from: 'stdout' | 'stderr') => void;

/**
 * Starts a worker without a shell. The IPC channel carries no messages: its end ('disconnect') tells
 * the worker that this process died, however it died.
 */
export function startWorkerProcess(options: {
  readonly command: WorkerCommand;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: WorkerLog | undefined;
  /** Called once the process exists. */
  readonly onStarted: () => void;
}): WorkerProcess {
  const output = options.log === undefined ? 'inherit' : 'pipe';
  let child: ChildProcess;
  try {
    child = spawn(options.command.executable, options.command.args, {
      env: { ...options.environment },
      stdio: ['ignore', output, output, 'ipc'],
      shell: false,
    });
  } catch (error) {
    return { ended: Promise.resolve(notStarted(error)), stop: () => undefined };
  }
  child.once('spawn', options.onStarted);
  forwardLines(child, options.log);
  const ended = endOf(child);
  return { ended, stop: stopOnce(child, ended) };
}

function stopOnce(child: ChildProcess, ended: Promise<unknown>): WorkerProcess['stop'] {
  let killAtMillis = Number.POSITIVE_INFINITY;
  let killTimer: NodeJS.Timeout | undefined;
  void ended.then(() => clearTimeout(killTimer));
  return (graceMillis) => {
    const atMillis = performance.now() + graceMillis;
    if (atMillis >= killAtMillis) return;
    if (killTimer === undefined) child.kill(graceMillis === 0 ? 'SIGKILL' : 'SIGTERM');
    killAtMillis = atMillis;
    clearTimeout(killTimer);
    killTimer = setTimeout(() => child.kill('SIGKILL'), graceMillis);
  };
}

export interface WorkerCommand {
  readonly executable: string;
  readonly args: readonly string[];
}

function endOf(child: ChildProcess): Promise<WorkerEnd> {
  return new Promise((resolve) => {
    // Not 'close': a grandchild that holds the output open must not hide the worker's end.
    child.once('exit', (exitCode, signal) => {
      resolve(
        exitCode === null
          ? { kind: 'signal', signal: signal ?? 'unknown' }
          : { kind: 'exit', exitCode },
      );
    });
    child.on('error', (error) => {
      // Without a pid it never ran; other errors (a failed kill) are followed by the exit.
      if (child.pid === undefined) {
        resolve(notStarted(error));
      }
    });
  });
}

function notStarted(error: unknown): WorkerEnd {
  const reason = error instanceof Error ? error.message : String(error);
  return { kind: 'not-started', reason };
}

function forwardLines(child: ChildProcess, log: WorkerLog | undefined): void {
  for (const from of ['stdout', 'stderr'] as const) {
    const input = child[from];
    if (log !== undefined && input !== null) {
      createInterface({ input }).on('line', (line) => log(line, from));
    }
  }
}
