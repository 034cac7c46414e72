import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitJsonObjects } from '#core/formats/split-json-objects.ts';

const awkward = fc.constantFrom('}{', '}{"', '"}\\', '\\"}{', '{', '}', '"', '\\', '');
const object = fc.dictionary(
  fc.oneof(awkward, fc.string()),
  fc.oneof(awkward, fc.jsonValue(), fc.array(awkward)),
);

test('objects behind one another come out each as it went in, whatever their strings hold', () => {
  fc.assert(
    fc.property(fc.array(object, { minLength: 1 }), fc.constantFrom('', ' ', '\t'), (all, gap) => {
      const texts = all.map((each) => JSON.stringify(each));

      const split = splitJsonObjects(texts.join(gap));

      assert.deepEqual(
        split.map((text) => text.trim()),
        texts,
      );
    }),
    { numRuns: 2_000 },
  );
});

test('what is no object is a text of its own and spoils no neighbour', () => {
  assert.deepEqual(splitJsonObjects('{"a":1}{"b":"}{"} torn'), ['{"a":1}', '{"b":"}{"}', ' torn']);
  assert.deepEqual(splitJsonObjects('} {"a":1}'), ['}', ' {"a":1}']);
  assert.deepEqual(splitJsonObjects('{"a":"}{"}'), ['{"a":"}{"}']);
  assert.deepEqual(splitJsonObjects(''), ['']);
});
