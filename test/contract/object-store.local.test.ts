import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { createMemoryObjectStore } from '../fixtures/memory-object-store.ts';
import { describeObjectStore } from './object-store.contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

describeObjectStore({
  name: 'the folder object store',
  open: async (context) => openFolderObjectStore({ folder: await temporaryFolder(context) }),
  skip: [
    {
      case: 'holds two keys of which one continues the other as a folder',
      reason: 'a folder cannot hold a file and a folder of one name; the second is invalid_key',
    },
  ],
});

describeObjectStore({
  name: 'the memory object store',
  open: async () => createMemoryObjectStore(),
});
