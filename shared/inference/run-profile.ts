import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodePlacement, readPlacement } from '#core/gpu/node-placement.ts';

/** A profile that ONNX Runtime writes of the first runs of a session. */
export interface RunProfile {
  /** For the session's options. */
  readonly options: { readonly enableProfiling: true; readonly profileFilePrefix: string };
  /** What it says, once profiling has ended; undefined where it says nothing. */
  read(): Promise<NodePlacement | undefined>;
  remove(): Promise<void>;
}

export async function openRunProfile(): Promise<RunProfile> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-profile-'));
  return {
    options: { enableProfiling: true, profileFilePrefix: join(folder, 'run') },
    async read() {
      try {
        const [file = ''] = await readdir(folder);
        return readPlacement(JSON.parse(await readFile(join(folder, file), 'utf8')));
      } catch {
        // A full or read-only disk: the caller decides what silence means.
        return undefined;
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
