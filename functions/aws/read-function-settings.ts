import type { z } from 'zod';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** Reads what a function is told; throws `invalid_setting` naming every variable that is wrong. */
export function readFunctionSettings<Schema extends z.ZodType>(
  schema: Schema,
  variables: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const parsed = schema.safeParse(variables);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new SwitchyardError(
    'invalid_setting',
    `the function's environment is not what the stacks set: ${problems.join('; ')}`,
  );
}
