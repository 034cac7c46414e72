import { misplacedDropOf } from '#core/jobs/drop-zone.ts';
import { outputFiles } from '#core/jobs/job-keys.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson } from '../records/read-json-object.ts';

/**
 * Tells the owner of a file that lies beside the folders of the models why nothing happens: a `_FAILED` in
 * the outbox, where the results would have been. True where the file was such a one; repeatable.
 */
export async function refuseMisplacedDrop(objectStore: ObjectStore, key: string): Promise<boolean> {
  const misplaced = misplacedDropOf(key);
  if (misplaced === undefined) return false;
  const { name, inbox, outputPrefix } = misplaced;
  const detail =
    `a file belongs into the folder of its model: move ${name} to ${inbox}<model>/${name}; ` +
    'GET /models lists the models';
  const failure = encodeJson({ code: 'invalid_key', detail });
  await objectStore.putIfAbsent(outputPrefix + outputFiles.failed, failure);
  return true;
}
