import { flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { lockFolder } from '#adapters/local/lock-folder.ts';
import { projectModels } from './entry-files.ts';
import { readLocalSettings } from './settings.ts';
import { startLocal } from './start-local.ts';

/** Runs Switchyard until SIGTERM or SIGINT; a second signal ends it at once. */
export async function serve(
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const settings = readLocalSettings(variables, fileURLToPath(projectModels));
  const lock = await lockFolder(settings.dataFolder);
  const running = await startLocal(settings, writeLog);
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    running.close().then(
      () => {
        lock.release();
        process.exit(0);
      },
      (error: unknown) => {
        writeLog({ event: 'stop_failed', detail: String(error) });
        process.exit(1);
      },
    );
  };
  // Where NODE_COMPILE_CACHE is set: a server that is killed later leaves its code for the next start.
  flushCompileCache();
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  writeLog({
    event: 'listening',
    url: running.url,
    docs: `${running.url}/docs`,
    inbox: `${settings.dataFolder}/bucket/inbox/<model>/<file>`,
  });
}

function writeLog(entry: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}
