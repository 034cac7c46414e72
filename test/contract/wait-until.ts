import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';

/** Waits for a condition, looked at every 10 ms; longer than ten starts of a process on a busy machine. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
): Promise<void> {
  const deadlineMillis = performance.now() + 100_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadlineMillis, `waited in vain for: ${what}`);
    await setTimeout(10);
  }
}
