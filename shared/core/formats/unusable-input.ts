import { SwitchyardError } from '../switchyard-error.ts';

/**
 * The input itself cannot be worked on: no retry helps, so the job fails. A class of its own because
 * its codes (`corrupt_object` above all) also stand for objects of the job, which can be made again.
 */
export class UnusableInput extends SwitchyardError {}
