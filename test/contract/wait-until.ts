import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';

/** Waits for a condition, looked at every 10 ms, at most 20 s. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadlineMillis = performance.now() + 20_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadlineMillis, `waited in vain for: ${what}`);
    await setTimeout(10);
  }
}
