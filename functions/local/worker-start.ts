import { delimiter, join } from 'node:path';
import type { LocalSettings } from './settings.ts';

/**
 * V8 sizes its heap by the machine, so a worker's memory would grow with the file until its first big
 * collection. A small young generation and an early first collection keep it flat; a cell never needs
 * more than a few MiB. The session child inherits them.
 */
export const workerMemoryFlags = [
  '--expose-gc',
  '--max-semi-space-size=2',
  '--initial-old-space-size=16',
  '--max-old-space-size=160',
];

/** Workers get what they need and nothing else: no token of the shell that started the server. */
export function workerEnvironment(settings: LocalSettings): Record<string, string> {
  // The last three lead a GPU provider to its driver.
  const passedOn = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'LD_LIBRARY_PATH',
    'NODE_COMPILE_CACHE',
    'VK_ICD_FILENAMES',
    'XDG_RUNTIME_DIR',
    'SWITCHYARD_METADATA_URL',
    'SWITCHYARD_METADATA_POLL_MILLIS',
    'SWITCHYARD_SLOW_MILLIS_PER_CELL',
    'SWITCHYARD_DRAIN_MILLIS',
  ];
  const inherited = passedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    // Below the grace of the queue: a worker that leaves in time says so with its exit code.
    SWITCHYARD_DRAIN_MILLIS: '4500',
    // Every job starts workers: without their compiled code each start costs twice the CPU time.
    NODE_COMPILE_CACHE: join(settings.dataFolder, 'compile-cache'),
    ...Object.fromEntries(inherited),
    ORT_DISABLE_TELEMETRY: '1',
    SWITCHYARD_DATA: settings.dataFolder,
    SWITCHYARD_MODELS: settings.modelFolders.join(delimiter),
    SWITCHYARD_PRICE_REGION: settings.prices.region,
    SWITCHYARD_PRICE_ARCHITECTURE: settings.prices.architecture,
  };
}

export function queueStrategy(settings: LocalSettings) {
  const { workerAttempts: attempts, runnableWaitMillis, runnableLimitMillis } = settings;
  if (runnableLimitMillis === undefined) return { attempts, runnableWaitMillis };
  const reason = 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY';
  const stateTimeLimit = { runnableMillis: runnableLimitMillis, reason };
  return { attempts, runnableWaitMillis, stateTimeLimit };
}
