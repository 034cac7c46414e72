import { hostTerminated } from '#core/jobs/retry-rules.ts';
import {
  MAX_WORKER_ATTEMPTS,
  type SubmissionState,
  type WorkerSubmission,
} from '#core/ports/job-queue.ts';
import { SimulatedWorker, type WorkerExit } from './simulated-worker.ts';
import { drawDelay, type World } from './world.ts';

interface WorkerTry {
  readonly arrayIndex: number;
  /** From 1. */
  readonly attempt: number;
}

interface RunningTry {
  readonly workerTry: WorkerTry;
  readonly worker: SimulatedWorker;
}

interface Submission extends WorkerSubmission {
  readonly waiting: WorkerTry[];
  readonly running: Set<RunningTry>;
  /** Tries that have a slot and wait for their machine. */
  starting: number;
  hasStarted: boolean;
  /** What ends it early. */
  failure: SubmissionState | undefined;
  /** What it ends as once its other workers are through. */
  childFailure: SubmissionState | undefined;
  ended: SubmissionState | undefined;
}

export interface QueueBehaviour {
  /** AWS Batch lets the other children of an array go on when one fails; `npm start` ends them. */
  readonly stopsOnFailure: boolean;
  readonly maxProcesses: number;
  /** Mean time between a free slot and the start of a worker in it. */
  readonly runnableMillis: number;
  readonly graceMillis: number;
}

/** The service that starts workers, as AWS Batch or the local queue does: what it knows and does. */
export class SimulatedQueue {
  readonly #world: World;
  readonly #behaviour: QueueBehaviour;
  readonly #onEnded: (name: string) => void;
  readonly #submissions = new Map<string, Submission>();
  #slots = 0;
  #isDead = false;

  constructor(world: World, behaviour: QueueBehaviour, onEnded: (name: string) => void) {
    this.#world = world;
    this.#behaviour = behaviour;
    this.#onEnded = onEnded;
  }

  submit(submission: WorkerSubmission): void {
    if (this.#submissions.has(submission.name)) return;
    const { workers } = submission;
    this.#submissions.set(submission.name, {
      ...submission,
      waiting: Array.from({ length: workers }, (_, arrayIndex) => ({ arrayIndex, attempt: 1 })),
      running: new Set(),
      starting: 0,
      hasStarted: false,
      failure: undefined,
      childFailure: undefined,
      ended: undefined,
    });
    this.#startWaiting();
  }

  describe(name: string): SubmissionState | undefined {
    const submission = this.#submissions.get(name);
    if (submission === undefined) return undefined;
    return submission.ended ?? { status: submission.hasStarted ? 'running' : 'queued' };
  }

  terminate(name: string, reason: string): void {
    const submission = this.#submissions.get(name);
    if (submission === undefined || submission.ended !== undefined) return;
    this.#stop(submission, { status: 'failed', exitCode: undefined, reason });
    this.#endIfOver(submission);
  }

  /** Names of what is queued or running. */
  openSubmissions(): string[] {
    return [...this.#submissions.values()]
      .filter(({ ended }) => ended === undefined)
      .map(({ name }) => name);
  }

  running(): RunningTry[] {
    return [...this.#submissions.values()].flatMap(({ running }) => [...running]);
  }

  /** The queue loses a worker's host: it takes the worker for dead, whatever it does from now on. */
  writeOff(lost: RunningTry): void {
    const submission = [...this.#submissions.values()].find(({ running }) => running.has(lost));
    if (submission !== undefined)
      this.#settle(submission, lost, { kind: 'signal', signal: 'SIGKILL' });
  }

  /** The process that holds the queue dies: its workers hear of it, and nobody minds them any more. */
  die(): void {
    this.#isDead = true;
    for (const { worker } of this.running()) worker.terminate(Infinity);
  }

  #startWaiting(): void {
    for (const submission of this.#submissions.values()) {
      while (this.#slots < this.#behaviour.maxProcesses && !this.#isDead) {
        const workerTry = submission.waiting.shift();
        if (workerTry === undefined) break;
        this.#slots += 1;
        submission.starting += 1;
        this.#startLater(submission, workerTry);
      }
    }
  }

  #startLater(submission: Submission, workerTry: WorkerTry): void {
    const { time, random, faults } = this.#world;
    const capacityMillis = Math.max(0, faults.capacityFromMillis - time.nowMillis);
    time.after(capacityMillis + drawDelay(random, this.#behaviour.runnableMillis), () => {
      if (this.#isDead) return;
      submission.starting -= 1;
      if (submission.failure === undefined) return this.#start(submission, workerTry);
      this.#slots -= 1;
      this.#endIfOver(submission);
      this.#startWaiting();
    });
  }

  #start(submission: Submission, workerTry: WorkerTry): void {
    submission.hasStarted = true;
    const environment = {
      ...submission.environment,
      AWS_BATCH_JOB_ARRAY_INDEX: String(workerTry.arrayIndex),
      AWS_BATCH_JOB_ATTEMPT: String(workerTry.attempt),
    };
    const worker = new SimulatedWorker(this.#world, environment, (exit) =>
      this.#settle(submission, started, exit),
    );
    const started = { workerTry, worker };
    submission.running.add(started);
  }

  #settle(submission: Submission, ended: RunningTry, exit: WorkerExit): void {
    // A worker that was written off may still end, long after its successor started.
    if (!submission.running.delete(ended) || this.#isDead) return;
    this.#slots -= 1;
    const { arrayIndex, attempt } = ended.workerTry;
    const isDone = exit.kind === 'exit' && exit.exitCode === 0;
    const mayRetry = exit.kind === 'signal' || exit.exitCode === RETRY_EXIT_CODE;
    if (!isDone && submission.failure === undefined) {
      if (mayRetry && attempt < MAX_WORKER_ATTEMPTS) {
        submission.waiting.unshift({ arrayIndex, attempt: attempt + 1 });
      } else this.#fail(submission, failureOf(ended.workerTry, exit));
    }
    this.#endIfOver(submission);
    this.#startWaiting();
  }

  #fail(submission: Submission, state: SubmissionState): void {
    if (this.#behaviour.stopsOnFailure) this.#stop(submission, state);
    else submission.childFailure ??= state;
  }

  #stop(submission: Submission, failure: SubmissionState): void {
    submission.failure ??= failure;
    submission.waiting.length = 0;
    for (const { worker } of submission.running) worker.terminate(this.#behaviour.graceMillis);
  }

  #endIfOver(submission: Submission): void {
    if (submission.ended !== undefined) return;
    const { running, waiting, starting } = submission;
    if (running.size > 0 || waiting.length > 0 || starting > 0) return;
    submission.ended = submission.failure ?? submission.childFailure ?? { status: 'succeeded' };
    this.#onEnded(submission.name);
  }
}

/** EX_TEMPFAIL: the worker itself asks to be tried again. */
const RETRY_EXIT_CODE = 75;

function failureOf(workerTry: WorkerTry, exit: WorkerExit): SubmissionState {
  const exitCode = exit.kind === 'exit' ? exit.exitCode : undefined;
  const how = exit.kind === 'exit' ? `exited with ${exit.exitCode}` : hostTerminated('i-simulated');
  const reason = `worker ${workerTry.arrayIndex}, attempt ${workerTry.attempt}: ${how}`;
  return { status: 'failed', exitCode, reason };
}
