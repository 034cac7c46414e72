import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { type InputFormat, inputFormatSchema, type JobOptions } from '#core/contract/job.ts';
import type { Lane } from '#core/contract/lane.ts';
import type { Limits } from '#core/contract/limits.ts';
import { DEFAULT_MODEL } from '#core/contract/predict.ts';
import { detectFormat } from '#core/formats/detect-format.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { openRegularFile } from '../files/open-regular-file.ts';
import { type InlineItems, readInlineItems } from '../files/read-items.ts';
import { sendUpload } from './send-upload.ts';
import type { JobAnswer } from './service-answers.ts';
import type { ServiceClient } from './service-client.ts';
import { isDataFolder, storeUpload, uploadRemedy } from './store-upload.ts';

export interface SubmitSettings {
  readonly dataFolder: string;
  /** True makes a new job of a file that was submitted before. */
  readonly isAnew: boolean;
  readonly model: string | undefined;
  readonly lane: Lane | undefined;
  readonly deadlineMs: number | undefined;
  readonly options: JobOptions;
}

/** What a submission gave; `isRepeated` where the job was there before. */
interface Submitted {
  readonly job: JobAnswer;
  readonly isRepeated: boolean;
}

/**
 * Makes a job of a file: its rows inline where they fit into one request, else by an upload, or a copy
 * in the bucket of a server of this machine. The same file with the same settings gives the same job.
 */
export async function submitFile(
  client: ServiceClient,
  file: string,
  settings: SubmitSettings,
): Promise<Submitted> {
  // First, so that a path with a slip is not taken for a file of an unknown format.
  await (await openRegularFile(file)).close();
  const kind = detectFormat(basename(file), settings.options.format);
  const limits = await client.limits();
  const inline = await readItems(file, kind, limits);
  if (inline.kind === 'file') {
    return await submitUpload(client, { file, reason: inline.reason }, settings);
  }
  // Items are JSONL already, whatever they were read from.
  const { format: _, ...options } = settings.options;
  return await send(client, { ...asked(settings), items: inline.items, options }, settings);
}

/** The format of an option's text. Throws {@link CliError} `unsupported_format` with those there are. */
export function parseFormat(text: string): InputFormat {
  const format = inputFormatSchema.safeParse(text).data;
  if (format !== undefined) return format;
  const detail = `there is no format "${text}"`;
  const remedy = `Use one of ${inputFormatSchema.options.join(', ')}.`;
  throw new CliError(exitCodes.usage, 'unsupported_format', detail, { remedy });
}

async function readItems(
  file: string,
  { format, compression }: ReturnType<typeof detectFormat>,
  limits: Limits,
): Promise<InlineItems> {
  const isInline = format === 'jsonl' || format === 'lines';
  if (isInline && compression === 'none') {
    return await readInlineItems(createReadStream(file), format, limits);
  }
  return { kind: 'file', reason: `its format (${basename(file)}) does not go into a request` };
}

async function submitUpload(
  client: ServiceClient,
  input: { readonly file: string; readonly reason: string },
  settings: SubmitSettings,
): Promise<Submitted> {
  const { dataFolder, options, model } = settings;
  const common = asked(settings);
  const { file, reason } = input;
  if (!isThisMachine(client.url) || !(await isDataFolder(dataFolder))) {
    return await send(
      client,
      { ...common, input: await sendUpload(client, file), options },
      settings,
    );
  }
  const inboxModel = model ?? DEFAULT_MODEL;
  const upload = await storeUpload(file, { dataFolder, reason, model: inboxModel });
  try {
    return await send(client, { ...common, input: upload.uri, options }, settings);
  } catch (error) {
    if (!(error instanceof CliError) || error.exitCode !== exitCodes.refused) throw error;
    await upload.discard();
    if (error.code !== 'object_not_found') throw error;
    throw new CliError(
      exitCodes.usage,
      'wrong_data_folder',
      `the service at ${client.url} does not keep its data in ${resolve(dataFolder)}`,
      { remedy: uploadRemedy(file, inboxModel), requestId: error.requestId, cause: error },
    );
  }
}

/** What is not said is not sent: then the body, and so the job, is that of a call without it. */
function asked({ model, lane, deadlineMs }: SubmitSettings) {
  return { model, lane, deadlineMs };
}

/** There a copy in the data folder costs no transfer, and on many file systems no space. */
function isThisMachine(url: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
}

function send(client: ServiceClient, body: object, settings: SubmitSettings): Promise<Submitted> {
  // Over the whole body: the same body has the same key, and no key ever has two bodies.
  const hash = createHash('sha256').update(JSON.stringify(body));
  if (settings.isAnew) hash.update(randomUUID());
  return client.createJob(body, `cli-${hash.digest('hex')}`);
}
