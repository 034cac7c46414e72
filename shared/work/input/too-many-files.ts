import type { Limits } from '#core/contract/limits.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** Answered with 413. */
export function tooManyFiles(limits: Limits): SwitchyardError {
  return new SwitchyardError(
    'too_many_items',
    `the input has more than ${limits.jobFiles} files, the most of one job; join small files or make several jobs`,
    { members: { limit_files: limits.jobFiles } },
  );
}
