import type * as z from 'zod';

/**
 * The environment of a function, typed by the schema with which it reads it: a setting that a stack
 * forgets, or one that no function knows, does not compile.
 */
export function settingsOf<Schema extends z.ZodObject>(
  _schema: Schema,
  values: EnvironmentOf<Schema>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, String(value)]),
  );
}

type EnvironmentOf<Schema extends z.ZodObject> = {
  readonly [Name in keyof z.input<Schema>]:
    | string
    | number
    | Extract<z.input<Schema>[Name], undefined>;
};
