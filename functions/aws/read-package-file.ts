import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** JSON that the stacks put into the package of the function. */
export function readPackageFile(
  file: string,
  variables: Readonly<Record<string, string | undefined>>,
): unknown {
  const path = resolve(variables['LAMBDA_TASK_ROOT'] ?? '.', file);
  return JSON.parse(readFileSync(path, 'utf8'));
}
