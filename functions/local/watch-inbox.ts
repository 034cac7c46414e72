import { dropPlaceOf, INBOX, misplacedDropOf } from '#core/jobs/drop-zone.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectHead, ObjectStore } from '#core/ports/object-store.ts';
import type { DroppedFile } from '#work/accept/create-drop-job.ts';

/** How long size and time of a file must stand still before it is taken. */
const STILL_MILLIS = 2_000;
const POLL_MILLIS = 500;

interface WatchedFile {
  /** Version of the file and of the options that apply to it. */
  readonly state: string;
  readonly sinceMillis: number;
  readonly taken: boolean;
}

export interface InboxWatcherOptions {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  /** Called once per version of a file; a rejection makes the watcher offer it again later. */
  readonly onFile: (file: DroppedFile) => Promise<void>;
  readonly stop: AbortSignal;
}

/**
 * Offers each file of the drop zone once it stood still, misplaced ones too. It lists instead of listening to file system
 * events: those get lost (overflowing queues, network folders), and a lost file is a lost job.
 * What it has offered is remembered in memory only; after a restart the job ids tell.
 */
export async function watchInbox(options: InboxWatcherOptions): Promise<void> {
  let watched = new Map<string, WatchedFile>();
  while (!options.stop.aborted) {
    const startedMillis = options.clock.monotonicMillis();
    watched = await scan(options, watched);
    const tookMillis = options.clock.monotonicMillis() - startedMillis;
    // A listing of very many files may take long; it must not take more than a tenth of the time.
    await options.clock.sleep(Math.max(POLL_MILLIS, 10 * tookMillis), options.stop);
  }
}

async function scan(
  options: InboxWatcherOptions,
  before: ReadonlyMap<string, WatchedFile>,
): Promise<Map<string, WatchedFile>> {
  const heads = new Map<string, ObjectHead>();
  for await (const head of options.objectStore.list(INBOX)) heads.set(head.key, head);
  const now = new Map<string, WatchedFile>();
  for (const head of heads.values()) {
    const isOffered = dropPlaceOf(head.key) ?? misplacedDropOf(head.key);
    if (isOffered === undefined) continue;
    const file = observe(head, optionsOf(heads, head.key), before.get(head.key), options.clock);
    now.set(head.key, file);
    const stoodMillis = options.clock.monotonicMillis() - file.sinceMillis;
    if (file.taken || stoodMillis < STILL_MILLIS || options.stop.aborted) continue;
    const taken = await options.onFile({ key: head.key, version: head.etag }).then(
      () => true,
      () => false,
    );
    now.set(head.key, { ...file, taken });
  }
  return now;
}

function observe(
  head: ObjectHead,
  optionsState: string,
  before: WatchedFile | undefined,
  clock: Clock,
): WatchedFile {
  const state = `${head.etag} ${optionsState}`;
  if (before?.state === state) return before;
  return { state, sinceMillis: clock.monotonicMillis(), taken: false };
}

function optionsOf(heads: ReadonlyMap<string, ObjectHead>, key: string): string {
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  const own = heads.get(`${key}.options.json`) ?? heads.get(`${folder}_options.json`);
  return own?.etag ?? '';
}
