import type * as z from 'zod';
import { SwitchyardError } from '../switchyard-error.ts';
import { isPlainName, MISSING, wordIssue } from './word-issue.ts';

/** More would only repeat themselves: a request of 10,000 bad items gets one page of errors. */
const MAX_ERRORS = 20;

/**
 * Checks an outside value. Throws `invalid_request` whose `errors` point to each bad member
 * (RFC 9457) and never repeat a value; `param` is the first one's field.
 */
export function parseWith<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value, { error: wordIssue });
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.flatMap(describeIssue);
  const first = errors[0];
  const shown = errors.slice(0, MAX_ERRORS).map(({ detail, pointer }) => ({ detail, pointer }));
  throw new SwitchyardError('invalid_request', summary(errors), {
    members: {
      errors: shown,
      ...(first?.param === undefined ? {} : { param: first.param }),
    },
  });
}

interface FieldError {
  readonly detail: string;
  /** JSON pointer as URI fragment. */
  readonly pointer: string;
  /** Top-level field; undefined for the whole value. */
  readonly param: string | undefined;
}

function describeIssue(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== 'unrecognized_keys') return [fieldError(issue.path, issue.message)];
  return issue.keys.map((key) => {
    return fieldError(isPlainName(key) ? [...issue.path, key] : issue.path, issue.message);
  });
}

function fieldError(path: readonly PropertyKey[], detail: string): FieldError {
  const names = path.map(shownName);
  const pointer = names.map((name) => `/${encodeURIComponent(escapePointer(name))}`).join('');
  const whole =
    detail === MISSING && names.length > 0 ? `\`${names.join('.')}\` ${MISSING}` : detail;
  return { detail: whole, pointer: `#${pointer}`, param: names[0] };
}

function shownName(name: PropertyKey): string {
  if (typeof name === 'number') return String(name);
  return isPlainName(name) ? name : '?';
}

/** RFC 6901, section 3. */
function escapePointer(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

function summary(errors: readonly FieldError[]): string {
  const first = errors[0];
  if (first === undefined) return 'the request is not valid';
  const saysWhere = first.pointer === '#' || first.detail.startsWith('`');
  const where = saysWhere ? '' : `${first.pointer.slice(2)}: `;
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`;
  return `${where}${first.detail}${more}`;
}
