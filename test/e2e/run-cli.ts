import { type ChildProcess, spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { projectFolder } from '../fixtures/harness/start-switchyard.ts';
import { waitUntil } from '../fixtures/harness/wait-for.ts';

export interface RunningCommand {
  /** What it wrote to standard error so far. */
  stderr(): string;
  /** Waits until standard error matches; fails the test at the deadline. */
  says(pattern: RegExp): Promise<void>;
  interrupt(): void;
  readonly ended: Promise<CommandEnd>;
}

export interface CommandEnd {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** @default - no variable of Switchyard */
  readonly env?: Readonly<Record<string, string>>;
  /** @default - standard input is empty */
  readonly input?: string;
  /** @default ['node', 'cli/main.ts'] */
  readonly program?: readonly [string, ...string[]];
}

/** Starts `switchyard <args>` as a process of its own; it ends with the test at the latest. */
export function startCommand(
  t: Pick<TestContext, 'after'>,
  args: readonly string[],
  options: CommandOptions = {},
): RunningCommand {
  const [file, ...first] = options.program ?? [process.execPath, 'cli/main.ts'];
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('SWITCHYARD_') && name !== 'PORT' && name !== 'NODE_TEST_CONTEXT',
  );
  const env = { ...Object.fromEntries(inherited), ...options.env };
  const child = spawn(file, [...first, ...args], { cwd: projectFolder, env });
  t.after(() => {
    child.kill('SIGKILL');
  });
  // A command may end without having read its input.
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  return {
    stderr,
    says: (pattern) =>
      waitUntil(`the command says ${pattern}`, () => pattern.test(stderr()), { explain: stderr }),
    interrupt: () => {
      child.kill('SIGINT');
    },
    ended: endOf(child).then((exitCode) => ({ exitCode, stdout: stdout(), stderr: stderr() })),
  };
}

export function runCommand(
  t: Pick<TestContext, 'after'>,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandEnd> {
  return startCommand(t, args, options).ended;
}

/** As {@link runCommand}, for a command of several tests; nobody ends it but itself. */
export function runToEnd(args: readonly string[]): Promise<CommandEnd> {
  return runCommand({ after: () => undefined }, args);
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: string[] = [];
  stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
  return () => chunks.join('');
}
