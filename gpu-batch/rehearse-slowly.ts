import { setTimeout as pause } from 'node:timers/promises';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { CellModel } from '#work/worker/cell-model.ts';

interface WorkerParts {
  readonly objectStore: ObjectStore;
  readonly openModel: (job: JobRecord) => Promise<CellModel>;
}

/** Tells of a moment of a cell, in one JSON line. */
type Tell = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/**
 * For rehearsals only: waits between computing a cell and committing it, so that a loss lands inside
 * a cell, and tells when the model starts on one and when it is committed. What was started and not
 * committed is the work that losses cost. Changes nothing where `millisPerCell` is 0.
 */
export function rehearseSlowly(parts: WorkerParts, millisPerCell: number, tell: Tell): WorkerParts {
  if (millisPerCell === 0) return parts;
  return {
    objectStore: slowStore(parts.objectStore, millisPerCell, tell),
    openModel: async (job) => tellingModel(await parts.openModel(job), tell),
  };
}

function tellingModel(model: CellModel, tell: Tell): CellModel {
  return {
    provenance: model.provenance,
    run: async (texts, options) => {
      tell('cell_started', { texts: texts.length });
      return await model.run(texts, options);
    },
  };
}

function slowStore(store: ObjectStore, millisPerCell: number, tell: Tell): ObjectStore {
  return {
    head: (key) => store.head(key),
    read: (key, options) => store.read(key, options),
    stream: (key, options) => store.stream(key, options),
    put: (key, body) => store.put(key, body),
    putIfAbsent: async (key, body) => {
      if (!/^work\/jobs\/[^/]+\/parts\//.test(key)) return await store.putIfAbsent(key, body);
      await pause(millisPerCell);
      const isNew = await store.putIfAbsent(key, body);
      tell('cell_committed', { part: key.slice(key.indexOf('/parts/') + 7), isNew });
      return isNew;
    },
    list: (prefix, options) => store.list(prefix, options),
    delete: (key) => store.delete(key),
    concatenateIfAbsent: (key, segments) => store.concatenateIfAbsent(key, segments),
  };
}
