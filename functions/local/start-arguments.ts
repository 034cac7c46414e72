import { parseArgs } from 'node:util';

const variableOf = {
  chaos: 'SWITCHYARD_CHAOS',
  'chaos-speed': 'SWITCHYARD_CHAOS_SPEED',
  'chaos-mean': 'SWITCHYARD_CHAOS_MEAN_SECONDS',
  'chaos-grace': 'SWITCHYARD_CHAOS_GRACE_MILLIS',
  gpu: 'SWITCHYARD_GPU_PROVIDER',
} as const;

/** What `npm start -- …` says, as the variables that mean the same; throws on an unknown option. */
export function readStartArguments(args: readonly string[]): Record<string, string> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      chaos: text,
      'chaos-speed': text,
      'chaos-mean': text,
      'chaos-grace': text,
      gpu: text,
    },
    strict: true,
  });
  return Object.fromEntries(
    Object.entries(variableOf).flatMap(([option, variable]) => {
      const value = values[option as keyof typeof variableOf];
      return value === undefined ? [] : [[variable, value] as const];
    }),
  );
}
