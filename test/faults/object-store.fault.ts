import { test } from 'node:test';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { pageThrough } from '../contract/object-store-list-cases.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';

test('the folder object store pages through 20,000 keys without loss or repeat', async (t) => {
  await pageThrough(await openFolderObjectStore({ folder: await temporaryFolder(t) }), 20_000);
});
