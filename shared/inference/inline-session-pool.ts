import { SwitchyardError } from '#core/switchyard-error.ts';
import type { OnnxSession } from './onnx-session.ts';
import { openModelSession } from './open-model-session.ts';
import type { SessionPool, SessionPoolOptions } from './session-pool.ts';

/**
 * Runs models on the calling thread, one run at a time. For a process that answers one request at a
 * time on one processor, such as a Lambda environment: there a worker thread costs 60–85 ms of start
 * and 16 MB, and frees nobody. A model that cannot be loaded is a failure of its own; others go on.
 */
export function openInlineSessionPool(
  options: Pick<SessionPoolOptions, 'specs' | 'warmUp' | 'onChange'>,
): SessionPool {
  const warm = new Map<string, OnnxSession>();
  const failures = new Map<string, string>();
  let isBusy = false;
  let opened = 0;

  async function run(session: OnnxSession, rows: readonly Int32Array[]) {
    isBusy = true;
    try {
      return await session.run(rows);
    } finally {
      isBusy = false;
    }
  }

  async function load(): Promise<void> {
    for (const spec of options.specs) {
      const { name } = spec.manifest;
      try {
        const session = await openModelSession(spec);
        opened += 1;
        await options.warmUp(spec, (rows) => run(session, rows));
        warm.set(name, session);
      } catch (error) {
        failures.set(name, error instanceof SwitchyardError ? error.detail : 'it cannot be loaded');
      }
      options.onChange();
    }
  }

  const settled = load();
  return {
    settled,
    tryRun(model, rows) {
      const session = warm.get(model);
      return session === undefined || isBusy ? undefined : run(session, rows);
    },
    loaded: (model) => warm.get(model),
    failure: (model) => failures.get(model),
    sessionsOpened: () => opened,
    async close() {
      await settled;
      for (const session of warm.values()) await session.close();
      warm.clear();
    },
  };
}
