import { SwitchyardError } from '../switchyard-error.ts';

/**
 * One rule of a retry strategy, in the words of AWS Batch (`RetryStrategy.evaluateOnExit`): every
 * pattern that is given must match, letters of either case alike; a `*` may stand at the end only.
 */
export interface RetryRule {
  /** Digits, or digits and a `*`. Never matches an attempt that left no exit code. */
  readonly onExitCode?: string;
  /** Against what became of the attempt, such as `Host EC2 (instance i-…) terminated.` */
  readonly onStatusReason?: string;
  /** Against what the container runtime said; an attempt of which it said nothing counts as ''. */
  readonly onReason?: string;
  readonly action: 'RETRY' | 'EXIT';
}

/** How one attempt of a worker ended, as AWS Batch tells it. */
export interface AttemptEnd {
  /** Undefined where the worker left none: its host was lost, or it never started. */
  readonly exitCode: number | undefined;
  readonly statusReason: string;
  readonly reason: string | undefined;
}

/** What AWS Batch says of an attempt whose container ended by itself, whatever its exit code. */
export const CONTAINER_EXITED = 'Essential container in task exited';

/** How AWS Batch begins to say that an instance was taken away. */
export const LOST_HOST = 'Host EC2';

/** What AWS Batch says of an attempt that its spot instance took along. */
export function hostTerminated(instanceId: string): string {
  return `${LOST_HOST} (instance ${instanceId}) terminated.`;
}

/**
 * When a worker is tried again: its instance was reclaimed, or it saw that coming and left with 75.
 * Anything else would fail again. The local queue and the job definition on AWS use this one list.
 */
export const workerRetryRules: readonly RetryRule[] = [
  { onStatusReason: `${LOST_HOST}*`, action: 'RETRY' },
  { onExitCode: '75', action: 'RETRY' },
  { onReason: '*', action: 'EXIT' },
];

/** What the fleet says of a worker whose function waited for its turn until its call was given up. */
export const NEVER_STARTED = 'the function was not started in time';

/** How AWS Batch names the cause where it cancels a job that waited too long for an instance. */
const NO_INSTANCES = 'CAPACITY:';

/**
 * True where a submission failed for want of capacity, and no worker did anything wrong: its attempts
 * were used up by hosts that were reclaimed, or it waited in vain for its first.
 */
export function lackedCapacity(failure: {
  readonly exitCode: number | undefined;
  readonly reason: string;
}): boolean {
  const { exitCode, reason } = failure;
  if (exitCode !== undefined) return exitCode === 75;
  return [LOST_HOST, NEVER_STARTED, NO_INSTANCES].some((cause) => reason.includes(cause));
}

/** The action of the first rule that matches; AWS Batch tries again where none does. */
export function decideRetry(rules: readonly RetryRule[], end: AttemptEnd): 'RETRY' | 'EXIT' {
  return rules.find((rule) => matchesRule(rule, end))?.action ?? 'RETRY';
}

/** Throws `invalid_setting` for a list that AWS Batch would refuse. */
export function assertRetryRules(rules: readonly RetryRule[]): void {
  if (rules.length > MAX_RETRY_RULES) {
    throw new SwitchyardError('invalid_setting', `At most ${MAX_RETRY_RULES} retry rules.`);
  }
  for (const { onExitCode, onStatusReason, onReason } of rules) {
    const texts = [onStatusReason, onReason].filter((pattern) => pattern !== undefined);
    const isGiven = onExitCode !== undefined || texts.length > 0;
    const isExitCode = onExitCode === undefined || /^(\d+\*?|\*)$/.test(onExitCode);
    if (!isGiven || !isExitCode || !texts.every((pattern) => /^[^*]{0,512}\*?$/.test(pattern))) {
      throw new SwitchyardError(
        'invalid_setting',
        'A retry rule has at least one pattern, up to 512 characters with "*" at the end only; onExitCode is digits.',
      );
    }
  }
}

/** AWS Batch takes no more (`RetryStrategy.evaluateOnExit`). */
const MAX_RETRY_RULES = 5;

function matchesRule(rule: RetryRule, end: AttemptEnd): boolean {
  const { onExitCode, onStatusReason, onReason } = rule;
  return (
    (onExitCode === undefined ||
      (end.exitCode !== undefined && matchesGlob(onExitCode, String(end.exitCode)))) &&
    (onStatusReason === undefined || matchesGlob(onStatusReason, end.statusReason)) &&
    (onReason === undefined || matchesGlob(onReason, end.reason ?? ''))
  );
}

function matchesGlob(glob: string, text: string): boolean {
  const [pattern, whole] = [glob.toLowerCase(), text.toLowerCase()];
  return pattern.endsWith('*') ? whole.startsWith(pattern.slice(0, -1)) : whole === pattern;
}
