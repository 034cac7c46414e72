import type { ObjectStore } from '#core/ports/object-store.ts';

/** Where the objects of jobs lie: in a folder, or in two buckets. */
export type WorkerStore =
  | { readonly kind: 'folder'; readonly folder: string }
  | {
      readonly kind: 'buckets';
      readonly data: string;
      readonly work: string;
      /** Base URL of another S3 implementation; undefined is AWS. */
      readonly endpoint: string | undefined;
    };

/** Loads the one adapter that it needs, so that a worker on one machine never loads the SDK. */
export async function openWorkerStore(store: WorkerStore): Promise<ObjectStore> {
  if (store.kind === 'folder') {
    const { openFolderObjectStore } = await import('#adapters/local/folder-object-store.ts');
    return await openFolderObjectStore({ folder: store.folder });
  }
  const [{ openS3Access }, { createS3ObjectStore }] = await Promise.all([
    import('#adapters/aws/s3/s3-access.ts'),
    import('#adapters/aws/s3/s3-object-store.ts'),
  ]);
  const { data, work, endpoint } = store;
  return createS3ObjectStore(
    openS3Access({
      buckets: { bucket: data, work },
      ...(endpoint === undefined ? {} : { endpoint }),
    }),
  );
}
