import assert from 'node:assert/strict';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { refuseForeignPage } from '../../../functions/local/refuse-foreign-page.ts';

function isRefused(headers: { host?: string; origin?: string }): boolean {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  try {
    refuseForeignPage(request);
    return false;
  } catch (error) {
    assert.ok(error instanceof SwitchyardError && error.code === 'forbidden');
    return true;
  }
}

test('a client of this machine is let through', () => {
  for (const host of ['localhost', 'localhost:8080', '127.0.0.1:1', '127.1.2.3', '[::1]:8080']) {
    assert.equal(isRefused({ host }), false, host);
    assert.equal(isRefused({ host, origin: `http://${host}` }), false, host);
  }
  assert.equal(isRefused({}), false);
});

test('a rebound name and a page of another origin are refused', () => {
  const hosts = [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1:8080',
    '',
  ];
  for (const host of hosts) assert.equal(isRefused({ host }), true, host);
  for (const origin of [
    'https://evil.example',
    'null',
    'http://localhost.evil.example',
    'file://',
  ]) {
    assert.equal(isRefused({ host: 'localhost:8080', origin }), true, origin);
  }
});
