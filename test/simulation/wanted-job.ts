import type { CreateJobRequest } from '#core/contract/job.ts';
import type { JobView } from '#core/contract/job-view.ts';
import type { MadeInput } from './make-workload.ts';

/** One job that somebody wants, and what he does with it. */
export interface WantedJob {
  readonly name: string;
  readonly input: MadeInput;
  readonly how:
    | { readonly kind: 'api'; readonly body: CreateJobRequest }
    | { readonly kind: 'drop'; readonly key: string };
  readonly fromMillis: number;
  /** Later repeats of the same submission, in milliseconds after the first was accepted. */
  readonly repeatsAfterMillis: readonly number[];
  readonly cancelAfterMillis: number | undefined;
  /** Whether its owner has it go on after it was cancelled. */
  readonly isResumed: boolean;
  readonly overwriteAfterMillis: number | undefined;
  /** Code with which the job must fail, where it cannot run. */
  readonly failsWith: string | undefined;
}

/** What a client saw of its job. */
export interface SeenJob {
  readonly wanted: WantedJob;
  id: string | undefined;
  refusedWith: string | undefined;
  isCancelled: boolean;
  overwrittenAtMillis: number | undefined;
  mayHaveReadTheOther: boolean;
  end: JobView | undefined;
  endedAtMillis: number | undefined;
}
