import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { InputFormat, JobOptions } from '#core/contract/job.ts';
import { DEFAULT_MODEL } from '#core/contract/predict.ts';
import { detectFormat } from '#core/formats/detect-format.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';
import { readInlineItems } from './read-items.ts';
import type { JobAnswer } from './service-answers.ts';
import type { ServiceClient } from './service-client.ts';
import { storeUpload, uploadRemedy } from './store-upload.ts';

export interface SubmitSettings {
  readonly dataFolder: string;
  /** True makes a new job of a file that was submitted before. */
  readonly isAnew: boolean;
  readonly model: string | undefined;
  readonly options: JobOptions;
}

/**
 * Makes a job of a file: its rows inline where they fit into one request, else a copy in the bucket
 * of a server of this machine. The same file with the same settings gives the same job.
 */
export async function submitFile(
  client: ServiceClient,
  file: string,
  settings: SubmitSettings,
): Promise<{ readonly job: JobAnswer; readonly isRepeated: boolean }> {
  const format = settings.options.format ?? detectFormat(basename(file));
  await refuseUnreadable(file);
  const limits = await client.limits();
  const inline = await readInlineItems(createReadStream(file), format, limits);
  if (inline.kind === 'items') {
    const { format: _inlineIsJsonl, ...options } = settings.options;
    return await send(client, { model: settings.model, items: inline.items, options }, settings);
  }
  return await submitUpload(client, { file, format, reason: inline.reason }, settings);
}

async function submitUpload(
  client: ServiceClient,
  input: { readonly file: string; readonly format: InputFormat; readonly reason: string },
  settings: SubmitSettings,
): Promise<{ readonly job: JobAnswer; readonly isRepeated: boolean }> {
  const { dataFolder, model = DEFAULT_MODEL } = settings;
  const { file, format, reason } = input;
  const upload = await storeUpload(file, { dataFolder, reason, model });
  const options = { ...settings.options, format };
  const body = { model: settings.model, input: upload.uri, options };
  try {
    return await send(client, body, settings);
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.refused) throw error;
    await upload.discard();
    if (error.code !== 'object_not_found') throw error;
    throw new CliError(
      exitCodes.usage,
      'wrong_data_folder',
      `the service at ${client.url} does not keep its data in ${resolve(dataFolder)}`,
      { remedy: uploadRemedy(file, model), requestId: error.requestId, cause: error },
    );
  }
}

function send(client: ServiceClient, body: object, settings: SubmitSettings) {
  // Over the whole body: the same body has the same key, and no key ever has two bodies.
  const hash = createHash('sha256').update(JSON.stringify(body));
  if (settings.isAnew) hash.update(randomUUID());
  return client.createJob(body, `cli-${hash.digest('hex')}`);
}

async function refuseUnreadable(file: string): Promise<void> {
  const entry = await stat(file).catch((cause: unknown) => {
    const remedy = 'Check the path and its permissions.';
    const detail = `${file} cannot be read`;
    throw new CliError(exitCodes.usage, 'file_not_readable', detail, { remedy, cause });
  });
  if (entry.isFile()) return;
  const detail = `${file} is no regular file`;
  const remedy = 'Submit files one by one; a pipe must be saved to a file first.';
  throw new CliError(exitCodes.usage, 'file_not_readable', detail, { remedy });
}
