import type * as z from 'zod';

/** Names that may be shown: anything longer or stranger could be a text of the caller's. */
const plainName = /^[A-Za-z_][\w.-]{0,63}$/;

export function isPlainName(name: PropertyKey): name is string {
  return typeof name === 'string' && plainName.test(name);
}

/**
 * What zod found wrong, in words of this project; never a value. For the `error` option of a parse:
 * messages of the schemas themselves win. Undefined leaves it to zod.
 */
export function wordIssue(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? MISSING : wrongType(issue.expected, issue.input);
    case 'invalid_value':
      return `must be ${anyOf(issue.values.map((value) => JSON.stringify(value)))}`;
    case 'too_small':
      return `must ${amount(issue, 'least', issue.minimum)}`;
    case 'too_big':
      return `must ${amount(issue, 'most', issue.maximum)}`;
    case 'unrecognized_keys':
      return `this field is not known${knownFields(issue.inst)}`;
    case 'invalid_union':
      return issue.input === undefined ? MISSING : undefined;
    default:
      return undefined;
  }
}

/** The whole message about a field that is not there. */
export const MISSING = 'is missing';

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function wrongType(expected: string, input: unknown): string {
  const wanted = kinds[expected] ?? expected;
  const got = kindOf(input);
  // A number that is not whole, or none at all, is a number to its sender.
  return got === undefined || got === 'a number'
    ? `must be ${wanted}`
    : `must be ${wanted}, not ${got}`;
}

function kindOf(input: unknown): string | undefined {
  if (input === null) return 'null';
  return Array.isArray(input) ? 'a list' : kinds[typeof input];
}

function amount(
  { origin, inclusive }: { readonly origin: string; readonly inclusive?: boolean | undefined },
  end: 'least' | 'most',
  limit: number | bigint,
): string {
  const isList = origin === 'array' || origin === 'string';
  if (isList && end === 'least' && limit === 1) return 'not be empty';
  if (origin === 'array') return `have at ${end} ${limit} items`;
  if (origin === 'string') return `have at ${end} ${limit} characters`;
  if (inclusive === false) return `be ${end === 'least' ? 'above' : 'below'} ${limit}`;
  return `be at ${end} ${limit}`;
}

function anyOf(values: readonly string[]): string {
  const last = values.at(-1) ?? '';
  return values.length < 2 ? last : `${values.slice(0, -1).join(', ')} or ${last}`;
}

/** More would be a page of its own; the document has them all. */
const SHOWN_FIELDS = 20;

function knownFields(schema: unknown): string {
  const definition = (schema as { _zod?: { def: { shape?: object } } } | undefined)?._zod?.def;
  const names = Object.keys(definition?.shape ?? {});
  if (names.length === 0 || names.length > SHOWN_FIELDS) return '; remove it';
  return `; there are: ${names.join(', ')}`;
}
