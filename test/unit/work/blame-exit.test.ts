import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blameExit } from '#core/jobs/blame-exit.ts';

test('a fault signal of its own makes an exit a crash, as a signal and as a shell passes it on', () => {
  for (const signal of ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']) {
    assert.equal(blameExit({ code: null, signal }), 'crashed', signal);
  }
  for (const code of [139, 134, 135, 132]) {
    assert.equal(blameExit({ code, signal: null }), 'crashed', String(code));
  }
});

test('SIGKILL, SIGTERM, 137 and any plain exit code are never a crash', () => {
  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGPIPE']) {
    assert.equal(blameExit({ code: null, signal }), 'killed', signal);
  }
  for (const code of [0, 1, 64, 75, 130, 137, 143]) {
    assert.equal(blameExit({ code, signal: null }), 'killed', String(code));
  }
});
