import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A fresh process that prints one line of JSON with numbers as the last thing on stderr. */
export interface Start {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type Figures = Readonly<Record<string, { readonly min: number; readonly median: number }>>;

/** Starts each variant once per round, in turns, so that what else the machine does hits all alike. */
export async function interleave<Name extends string>(
  variants: Readonly<Record<Name, Start>>,
  rounds: number,
): Promise<Record<Name, Figures>> {
  const names = Object.keys(variants) as Name[];
  const seen = new Map<Name, Record<string, number>[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) seen.get(name)?.push(await startOnce(variants[name]));
  }
  return Object.fromEntries(names.map((name) => [name, figuresOf(seen.get(name) ?? [])])) as Record<
    Name,
    Figures
  >;
}

export async function startOnce({ args, env = {} }: Start): Promise<Record<string, number>> {
  const options = {
    env: { PATH: process.env['PATH'], ORT_DISABLE_TELEMETRY: '1', ...env },
    timeout: 60_000,
  };
  const { stderr } = await promisify(execFile)(process.execPath, [...args], options);
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '');
}

/** A child's file without its types, in a folder of the caller's. */
export async function strippedChild(source: string, folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, stripTypeScriptTypes(await readFile(source, 'utf8')));
  return file;
}

function figuresOf(runs: readonly Record<string, number>[]): Figures {
  const keys = Object.keys(runs[0] ?? {});
  return Object.fromEntries(
    keys.map((key) => {
      const values = runs.map((run) => run[key] ?? Number.NaN).sort((a, b) => a - b);
      const median = values[Math.floor(values.length / 2)] ?? Number.NaN;
      return [key, { min: values[0] ?? Number.NaN, median }];
    }),
  );
}
