import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { createSignedObjectLinks, verifyObjectLink } from '#adapters/local/signed-object-links.ts';
import type { Clock } from '#core/ports/clock.ts';
import { hasCode } from './contract-expectations.ts';

function clockAt(epochMillis: number): Clock {
  return {
    epochMillis: () => epochMillis,
    monotonicMillis: () => 0,
    sleep: () => Promise.resolve(),
  };
}

const secret = 'a'.repeat(64);
const now = 1_800_000_000_250;
const baseUrl = () => 'http://127.0.0.1:8080';
const links = createSignedObjectLinks({ secret, baseUrl, clock: clockAt(now) });
const forbidden = hasCode('forbidden');

test('a signed link opens the key it was made for, with and without its origin', async () => {
  const segment = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 12 })
    .filter((text) => !/[/\0]/.test(text) && text !== '.' && text !== '..' && text.isWellFormed());
  const keys = fc.array(segment, { minLength: 1, maxLength: 4 }).map((all) => all.join('/'));
  const property = fc.asyncProperty(keys, async (key) => {
    const link = await links.linkTo(key, { validSeconds: 900 });
    assert.ok(link.startsWith('http://127.0.0.1:8080/objects/'));
    assert.equal(verifyObjectLink(link, { secret, clock: clockAt(now) }), key);
    const withoutOrigin = link.slice(baseUrl().length);
    assert.equal(verifyObjectLink(withoutOrigin, { secret, clock: clockAt(now) }), key);
  });
  await fc.assert(property);
});

test('a signed link stops working after its time', async () => {
  const link = await links.linkTo('work/a', { validSeconds: 900 });
  const after = (millis: number) => ({ secret, clock: clockAt(now + millis) });
  assert.equal(verifyObjectLink(link, after(899_000)), 'work/a');
  assert.throws(() => verifyObjectLink(link, after(901_000)), forbidden);
});

test('a signed link that was changed in any character is forbidden', async () => {
  const link = await links.linkTo('work/a', { validSeconds: 900 });
  const path = link.slice(baseUrl().length);
  for (let at = 0; at < path.length; at++) {
    const changed = path.slice(0, at) + (path[at] === 'b' ? 'c' : 'b') + path.slice(at + 1);
    assert.throws(() => verifyObjectLink(changed, { secret, clock: clockAt(now) }), forbidden);
  }
  const clock = clockAt(now);
  assert.throws(() => verifyObjectLink(link, { secret: 'b'.repeat(64), clock }), forbidden);
  for (const url of [
    '',
    '/objects/',
    '/objects/%ff?expires=1&signature=2',
    '/objects/a',
    'http://',
  ]) {
    assert.throws(() => verifyObjectLink(url, { secret, clock }), forbidden, url);
  }
});

test('a link is made for a valid key only', async () => {
  const options = { validSeconds: 1 };
  await assert.rejects(links.linkTo('work/../secret', options), hasCode('invalid_key'));
});
