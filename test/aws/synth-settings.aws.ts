import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { lintTemplates } from '../fixtures/aws/lint-templates.ts';
import { combinations } from '../infra/setting-combinations.ts';
import { type Synthesis, synthesize } from '../infra/synthesize.ts';

// Each combination is one synthesis with cdk-nag: a finding fails it.

const folders: string[] = [];

for (const { config, checks } of combinations) {
  let synthesis: Synthesis;
  before(() => {
    synthesis = synthesize(config);
    folders.push(synthesis.folder);
  });
  for (const [name, check] of Object.entries(checks)) {
    test(name, () => {
      assert.deepEqual(synthesis.missing, []);
      check(synthesis);
    });
  }
}

test('the emulated templates are the others without what the emulator refuses', () => {
  const [full, emulated] = [synthesize(), synthesize({}, { isEmulated: true })];
  folders.push(full.folder, emulated.folder);
  const typesOf = ({ all }: Synthesis) =>
    new Set(all.flatMap(({ Resources }) => Object.values(Resources)).map(({ Type }) => Type));
  const left = [...typesOf(full)].filter((type) => !typesOf(emulated).has(type));

  assert.ok(
    left.every((type) => /^AWS::(Batch|EC2)::|InstanceProfile|LogStream/.test(type)),
    left.join(),
  );
  assert.deepEqual(
    [...typesOf(emulated)].filter((type) =>
      /^AWS::(Batch|EC2|ApplicationAutoScaling|CodeDeploy|Budgets)::/.test(type),
    ),
    [],
  );
});

test('cfn-lint finds nothing in any of these templates', { timeout: 600_000 }, async () => {
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => join(folder, file)),
  );
  // Most settings leave two of the three stacks as they are.
  const distinct = new Map(files.map((file) => [readFileSync(file, 'utf8'), file]));

  assert.equal(files.length, folders.length * 3);
  assert.equal(await lintTemplates([...distinct.values()], 'us-east-1'), '');
});
