import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { receiveUpload } from '#adapters/local/receive-upload.ts';
import {
  createSignedObjectLinks,
  createSignedUploadLinks,
  verifyUploadLink,
} from '#adapters/local/signed-object-links.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { serverHarness } from '../unit/functions/server-harness.ts';
import { hasCode } from './contract-expectations.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { describeUploadLinks } from './upload-links.contract.ts';

const secret = 'a'.repeat(64);

describeUploadLinks({
  name: 'the server of one machine',
  open: async (context) => {
    const folder = await temporaryFolder(context);
    const objectStore = await openFolderObjectStore({ folder });
    let url = '';
    const options = { secret, baseUrl: () => url, clock: systemClock };
    const { port } = await serverHarness(context, {
      server: {
        verifyUpload: (path, query) => verifyUploadLink(`${path}?${query}`, options),
        storeUpload: (key, upload) => receiveUpload(folder, key, upload),
      },
    });
    url = `http://127.0.0.1:${port}`;
    return { links: createSignedUploadLinks(options), objectStore };
  },
});

test('a link to read is none to write', async () => {
  const options = { secret, baseUrl: () => 'http://127.0.0.1', clock: systemClock };
  const links = createSignedObjectLinks(options);
  const link = await links.linkTo('bucket/uploads/acme/1/a.jsonl', { validSeconds: 60 });

  assert.throws(() => verifyUploadLink(`${link}&size=4`, options), hasCode('forbidden'));
});
