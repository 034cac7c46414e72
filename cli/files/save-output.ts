import { access, constants, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { brokenAnswer } from '../service/broken-answer.ts';
import type { ServiceClient } from '../service/service-client.ts';

interface WantedOutput {
  readonly id: string;
  readonly part: 'results' | 'errors';
  /** True takes what is committed so far. */
  readonly partial: boolean;
}

interface SavedOutput {
  readonly output: string;
  readonly lines: number;
  readonly bytes: number;
  /** False where lines are missing. */
  readonly isComplete: boolean;
}

const LINE_FEED = 0x0a;

/**
 * Passes the lines of a job on as they arrive; memory does not grow with their number. False where
 * lines are missing.
 */
export async function streamOutput(
  client: ServiceClient,
  wanted: WantedOutput,
  destination: NodeJS.WritableStream,
): Promise<boolean> {
  const { response, isComplete } = await client.openOutput(wanted.id, wanted.part, wanted);
  await pipeline(chunksOf(client, response), destination, { end: false });
  return isComplete;
}

/** Writes the lines of a finished job to a file, which appears, or is replaced, when it is whole. */
export async function saveOutput(
  client: ServiceClient,
  wanted: WantedOutput,
  file: string,
): Promise<SavedOutput> {
  await refuseUnwritable(file);
  const output = resolve(file);
  const temporary = `${output}.${process.pid}.partial`;
  const { response, isComplete } = await client.openOutput(wanted.id, wanted.part, wanted);
  let lines = 0;
  let bytes = 0;
  try {
    const handle = await open(temporary, 'wx');
    try {
      for await (const chunk of chunksOf(client, response)) {
        for (const byte of chunk) if (byte === LINE_FEED) lines += 1;
        bytes += chunk.length;
        await handle.writeFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, output);
  } finally {
    await rm(temporary, { force: true });
  }
  return { output, lines, bytes, isComplete };
}

/** Throws `output_not_writable`; asked before a job is made whose results could not be kept. */
export async function refuseUnwritable(file: string): Promise<void> {
  const folder = dirname(resolve(file));
  await access(folder, constants.W_OK).catch((cause: unknown) => {
    throw new CliError(
      exitCodes.usage,
      'output_not_writable',
      `${folder} is no folder that can be written to`,
      { remedy: 'Create it, or choose another --output.', cause },
    );
  });
}

async function* chunksOf(client: ServiceClient, response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  const chunks: AsyncIterator<Uint8Array> = response.body[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((cause: unknown) => {
      throw brokenAnswer(client.url, cause);
    });
    if (next.done === true) return;
    yield next.value;
  }
}
