import { SwitchyardError } from '../switchyard-error.ts';

/**
 * The input itself cannot be worked on: no retry helps, so the job fails. A class of its own because
 * its codes (`corrupt_object` above all) also stand for objects of the job, which can be made again.
 */
export class UnusableInput extends SwitchyardError {}

/**
 * The error of a read of the input as one that fails the job: the pinned version is gone or another
 * one is there. Anything else is returned as it is, and a retry may cure it.
 */
export function asUnusableInput(error: unknown): unknown {
  if (!(error instanceof SwitchyardError)) return error;
  const isGone = error.code === 'object_changed' || error.code === 'object_not_found';
  return isGone ? new UnusableInput(error.code, error.detail, { cause: error }) : error;
}
