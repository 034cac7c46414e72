import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../../..');

test('the AWS adapters load the SDK at their first call, not when they are composed', async () => {
  const child = join(root, 'test/fixtures/aws/loaded-packages-child.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [child], { timeout: 60_000 });

  const { composed, used } = JSON.parse(stdout);
  assert.equal(composed, 0);
  assert.ok(used > 0);
});

/** Behind an import() themselves: only `deploy-check` and `destroy` of the command line need them. */
const loadedWhole = ['account-facts.ts', 'deployed-stacks.ts'];

test('one file imports each client, and nothing imports that file by name but an import()', () => {
  const sources = ['shared', 'functions', 'gpu-batch', 'cli']
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.ts'));
  const importers = (pattern: RegExp) =>
    sources.filter((file) => pattern.test(readFileSync(join(root, file), 'utf8')));

  for (const client of ['s3', 'batch', 'lambda']) {
    const requests = `${client}-requests.ts`;
    const byName = new RegExp(`^import (?!type)[^;]*from '@aws-sdk/client-${client}'`, 'm');
    const others = importers(byName).filter((file) => !loadedWhole.includes(basename(file)));
    assert.deepEqual(others, [`shared/adapters/aws/${client}/${requests}`]);
    const statically = new RegExp(`^import (?!type)[^;]*${client}-requests\\.ts'`, 'm');
    assert.deepEqual(importers(statically), []);
  }
  for (const name of loadedWhole) {
    const statically = new RegExp(`from '(#adapters/aws/account|\\.)/${name.replace('.', '\\.')}'`);
    assert.deepEqual(importers(statically), []);
  }
});
