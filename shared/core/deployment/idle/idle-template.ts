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
 * Runs a month of `rate(5 minutes)`, or of a cron expression of one minute and hour: so many days a month.
 * Any other cron expression counts as every minute, which is never too little.
 */
export function runsPerMonth(expression: string): number {
  const [, count, unit] = /^rate\((\d+) (\w+)\)$/.exec(expression) ?? [];
  if (count !== undefined && isUnit(unit)) {
    return MINUTES_PER_MONTH / (Number(count) * MINUTES[unit]);
  }
  const [, days, weekdays] = /^cron\(\d+ \d+ (\S+) \* (\S+) \*\)$/.exec(expression) ?? [];
  if (days === undefined || weekdays === undefined) return MINUTES_PER_MONTH;
  if (/^\d+$/.test(days)) return 1;
  const perMonth = MINUTES_PER_MONTH / MINUTES.day;
  return /^[A-Z]{3}$/.test(weekdays) ? perMonth / 7 : perMonth;
}

function isUnit(unit: string | undefined): unit is keyof typeof MINUTES {
  return unit !== undefined && Object.hasOwn(MINUTES, unit);
}
