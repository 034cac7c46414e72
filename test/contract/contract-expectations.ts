import type { ErrorCode } from '#core/error-codes.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const collected: Item[] = [];
  for await (const item of items) {
    collected.push(item);
  }
  return collected;
}

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await collect(chunks));
}

/** For assert.rejects and assert.throws: an error of ours with this code. */
export function hasCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof SwitchyardError && error.code === code;
}
