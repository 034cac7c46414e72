import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFileSecretSource } from '#adapters/local/deployment-secret.ts';
import { describeSecretSource } from './secret-source.contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

describeSecretSource({
  name: 'the secret in a file',
  open: async (context) => {
    const file = join(await temporaryFolder(context), 'secret');
    return {
      open: () => createFileSecretSource(file),
      store: (text) => writeFile(file, text),
    };
  },
});
