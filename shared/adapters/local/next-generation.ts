import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

const prefix = 'work/server/';
const keptGenerations = 20;
const maxTries = 1000;

/**
 * A number that is greater than every one before it, from 1: each start of a server takes one, and
 * no two starts share one. Keeps the marks of the last 20.
 */
export async function nextGeneration(objectStore: ObjectStore): Promise<number> {
  for (let tries = 1; tries <= maxTries; tries++) {
    const generation = ((await listGenerations(objectStore)).at(-1) ?? 0) + 1;
    if (!(await objectStore.putIfAbsent(keyOf(generation), new Uint8Array(0)))) {
      continue;
    }
    // The list may have been old and the mark cleaned away since: only the greatest counts.
    const generations = await listGenerations(objectStore);
    if (generations.at(-1) === generation) {
      await removeOld(objectStore, generations);
      return generation;
    }
  }
  throw new SwitchyardError('internal', `No generation was won in ${maxTries} tries.`);
}

async function listGenerations(objectStore: ObjectStore): Promise<number[]> {
  const generations: number[] = [];
  for await (const { key } of objectStore.list(prefix)) {
    const digits = key.slice(prefix.length);
    if (/^\d{10}$/.test(digits)) {
      generations.push(Number(digits));
    }
  }
  return generations;
}

async function removeOld(objectStore: ObjectStore, generations: readonly number[]): Promise<void> {
  for (const generation of generations.slice(0, -keptGenerations)) {
    await objectStore.delete(keyOf(generation));
  }
}

function keyOf(generation: number): string {
  return `${prefix}${String(generation).padStart(10, '0')}`;
}
