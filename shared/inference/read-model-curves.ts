import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelCurves, modelCurvesSchema } from '#core/routing/curves/model-curves.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

const CURVES_FILE = 'curves.json';

/** The measured curves of a bundle; undefined where it brings none. Throws `model_invalid`. */
export async function readModelCurves(folder: string): Promise<ModelCurves | undefined> {
  const json = await readFile(join(folder, CURVES_FILE), 'utf8').catch(() => undefined);
  if (json === undefined) return undefined;
  const parsed = modelCurvesSchema.safeParse(parseOrUndefined(json));
  if (parsed.success) return parsed.data;
  const detail = `${CURVES_FILE} is not valid; write it anew with "npm run bench -- curves"`;
  throw new SwitchyardError('model_invalid', detail);
}

function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
