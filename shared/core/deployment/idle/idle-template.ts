import * as z from 'zod';

const resourceSchema = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

/** The part of a CloudFormation template that says what costs money while nobody calls. */
export const idleTemplateSchema = z.looseObject({
  Resources: z.record(z.string(), resourceSchema),
});
export type IdleTemplate = z.infer<typeof idleTemplateSchema>;
export type IdleResource = z.infer<typeof resourceSchema>;

/** Resources of a type with their logical ids, over several templates. */
export function findResources(
  templates: readonly IdleTemplate[],
  type: string,
): readonly (IdleResource & { readonly id: string })[] {
  return templates.flatMap(({ Resources }) =>
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === type)
      .map(([id, resource]) => ({ ...resource, id })),
  );
}

/** A property of a property; undefined where one of them is missing. */
export function propertyAt(resource: IdleResource, path: readonly string[]): unknown {
  let value: unknown = resource.Properties;
  for (const name of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

export function numberAt(resource: IdleResource, path: readonly string[]): number {
  const value = Number(propertyAt(resource, path));
  return Number.isFinite(value) ? value : 0;
}

const MINUTES = { minute: 1, minutes: 1, hour: 60, hours: 60, day: 1_440, days: 1_440 } as const;
const MINUTES_PER_MONTH = 730 * 60;

/**
 * Runs a month of `rate(5 minutes)`; a cron expression counts as every minute of the hours that it
 * names, which is never too little.
 */
export function runsPerMonth(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (\w+)\)$/.exec(expression) ?? [];
  if (count === undefined || !isUnit(unit)) return MINUTES_PER_MONTH;
  return MINUTES_PER_MONTH / (Number(count) * MINUTES[unit]);
}

function isUnit(unit: string | undefined): unit is keyof typeof MINUTES {
  return unit !== undefined && Object.hasOwn(MINUTES, unit);
}
