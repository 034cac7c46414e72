import { isTerminal, type JobView } from '#core/contract/job-view.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createDropJob } from '#work/accept/create-drop-job.ts';
import { overwrittenInput } from './make-workload.ts';
import type { ServerTask, SimulatedDeployment } from './simulated-deployment.ts';
import { RequestFailed } from './simulated-network.ts';
import type { SeenJob, WantedJob } from './wanted-job.ts';
import { drawDelay, type World } from './world.ts';

/** Time after which a client gives up waiting for an answer. */
const PATIENCE_MILLIS = 30_000;

/** Submits, polls, cancels and repeats until it has seen the end of its job, and a while longer. */
export class SimulatedClient {
  readonly seen: SeenJob;
  readonly #world: World;
  readonly #deployment: SimulatedDeployment;
  /** Whose file stands under a key of the drop zone. */
  readonly #owners: Map<string, SeenJob>;
  #hasResumed = false;
  #isCancelling = false;

  constructor(
    world: World,
    deployment: SimulatedDeployment,
    wanted: WantedJob,
    owners: Map<string, SeenJob>,
  ) {
    this.#world = world;
    this.#owners = owners;
    this.#deployment = deployment;
    this.seen = {
      wanted,
      id: undefined,
      refusedWith: undefined,
      isCancelled: false,
      overwrittenAtMillis: undefined,
      mayHaveReadTheOther: false,
      end: undefined,
      endedAtMillis: undefined,
    };
  }

  async run(): Promise<void> {
    const { wanted } = this.seen;
    const { time } = this.#world;
    await time.sleep(wanted.fromMillis);
    const version = this.#putInput(wanted.input.bytes);
    if (wanted.overwriteAfterMillis !== undefined) {
      void time.sleep(wanted.overwriteAfterMillis).then(() => this.#overwrite());
    }
    await this.#submit(version);
    if (this.seen.id === undefined) return;
    for (const millis of wanted.repeatsAfterMillis) {
      void time.sleep(millis).then(() => this.#submit(version));
    }
    if (wanted.cancelAfterMillis !== undefined) {
      void time.sleep(wanted.cancelAfterMillis).then(() => this.#cancel());
    }
    await this.#watch(this.seen.id);
  }

  /** The user's own write, which nothing disturbs. */
  #putInput(bytes: Uint8Array): string {
    const { how } = this.seen.wanted;
    if (how.kind === 'api' && how.body.input === undefined) return '';
    const key =
      how.kind === 'drop' ? how.key : `bucket/${how.body.input?.slice('s3://local/'.length)}`;
    const put = { kind: 'put', key, body: bytes, ifAbsent: false, writeId: 'user' } as const;
    this.#world.bucket.apply(put, 'user');
    const before = this.#owners.get(key);
    if (before !== undefined && before !== this.seen)
      before.overwrittenAtMillis = this.#world.time.nowMillis;
    this.#owners.set(key, this.seen);
    return this.#world.bucket.peek(key)?.head.etag ?? '';
  }

  #overwrite(): void {
    this.seen.overwrittenAtMillis = this.#world.time.nowMillis;
    this.#putInput(overwrittenInput(this.seen.wanted.input).bytes);
    // A request names no version: until it is accepted, the file that counts is the one that is there.
    if (this.seen.id === undefined && this.seen.wanted.how.kind === 'api') {
      this.seen.mayHaveReadTheOther = true;
    }
  }

  async #submit(version: string): Promise<void> {
    const { name, how, failsWith } = this.seen.wanted;
    const task: ServerTask<string> = async (ports, jobs) => {
      if (how.kind === 'drop') {
        return (await createDropJob(ports, { key: how.key, version })).job.id;
      }
      const request = { tenant: 'local', requestId: name, idempotencyKey: name, body: how.body };
      return (await jobs.create(request)).job.id;
    };
    const outcome = await this.#persist(`create ${name}`, task);
    if (typeof outcome !== 'string') {
      this.seen.refusedWith ??= outcome.code;
      const isExpected =
        outcome.code === failsWith ||
        (outcome.code === 'object_changed' && this.seen.overwrittenAtMillis !== undefined);
      if (!isExpected) this.#world.violate(`${name}: creating it answered ${outcome.message}`);
      return;
    }
    if (this.seen.id !== undefined && this.seen.id !== outcome) {
      this.#world.violate(`${name}: the same submission made ${this.seen.id} and ${outcome}`);
    }
    this.seen.id = outcome;
  }

  async #cancel(): Promise<void> {
    const jobId = this.seen.id ?? '';
    const task: ServerTask<JobView> = (_ports, jobs) => jobs.cancel({ tenant: 'local', jobId });
    const isOver = this.seen.end !== undefined;
    this.#isCancelling = true;
    const view = await this.#persist(`cancel ${this.seen.wanted.name}`, task);
    if (view instanceof SwitchyardError) {
      if (!isOver) this.#world.violate(`cancelling answered ${view.message}`);
    } else this.seen.isCancelled = true;
    this.#isCancelling = false;
  }

  async #watch(jobId: string): Promise<void> {
    const { time, random } = this.#world;
    for (let looksAfterEnd = 0; looksAfterEnd < 4; ) {
      await time.sleep(1_000 + drawDelay(random, 8_000));
      const task: ServerTask<JobView> = (_ports, jobs) => jobs.describe({ tenant: 'local', jobId });
      const view = await this.#persist(`describe ${this.seen.wanted.name}`, task);
      if (view instanceof SwitchyardError)
        this.#world.violate(`describing answered ${view.message}`);
      else if (this.#note(view)) looksAfterEnd += 1;
      if (looksAfterEnd > 0 && (await this.#resume(jobId))) looksAfterEnd = 0;
    }
  }

  /** True where the job goes on: what was its end is not any more. */
  async #resume(jobId: string): Promise<boolean> {
    if (!this.seen.wanted.isResumed || this.#hasResumed || this.seen.end?.status !== 'cancelled') {
      return false;
    }
    // A cancel that is still under way may reach the run that this starts.
    this.seen.isCancelled = this.#isCancelling;
    const task: ServerTask<JobView> = (_ports, jobs) => jobs.resume({ tenant: 'local', jobId });
    const view = await this.#persist(`resume ${this.seen.wanted.name}`, task);
    if (view instanceof SwitchyardError) {
      if (view.code === 'job_not_finished') {
        this.seen.isCancelled = true;
        return false;
      }
      // The answer to an earlier call may have been lost, and the resumed run may be through.
      if (view.code !== 'job_not_resumable')
        this.#world.violate(`resuming answered ${view.message}`);
    }
    this.#hasResumed = true;
    this.seen.end = undefined;
    this.seen.endedAtMillis = undefined;
    return true;
  }

  #note(view: JobView): boolean {
    const { end, wanted } = this.seen;
    const { total, completed, failed } = view.counts;
    if (completed + failed > Math.max(total, 0)) {
      this.#world.violate(`${wanted.name}: counts ${JSON.stringify(view.counts)} exceed the total`);
    }
    if (end !== undefined) {
      if (view.status === end.status && view.finished_at === end.finished_at) return true;
      this.#world.violate(`${wanted.name}: was ${end.status} and is ${view.status}`);
    }
    if (!isTerminal(view.status)) return false;
    this.#checkEndIsTrue(view);
    this.seen.end = view;
    this.seen.endedAtMillis = this.#world.time.nowMillis;
    this.#world.trace.add(
      this.#world.time.nowMillis,
      'client',
      `sees ${wanted.name} ${view.status}`,
    );
    return true;
  }

  /** Whoever reads a terminal status may rely on it in the same moment. */
  #checkEndIsTrue(view: JobView): void {
    const { wanted } = this.seen;
    const marks = this.#world.bucket.keys(view.output?.replace('s3://local/', 'bucket/') ?? '?');
    if (view.status === 'completed' && !marks.some((key) => key.endsWith('/_SUCCESS'))) {
      this.#world.violate(`${wanted.name} is completed before _SUCCESS`);
    }
    // A submission that raced the cancel may still start workers: they look, and leave untouched.
    const working = this.#deployment
      .queue()
      .running()
      .some(
        ({ worker }) => worker.jobId === view.id && this.#world.writers.has(worker.process.name),
      );
    if (view.status === 'cancelled' && working) {
      this.#world.violate(`${wanted.name} is cancelled, and workers of it are at work`);
    }
  }

  /** Asks until there is an answer; a refusal of the product is one, a failure on the way is not. */
  async #persist<Answer>(
    label: string,
    task: ServerTask<Answer>,
  ): Promise<Answer | SwitchyardError> {
    const { time, random } = this.#world;
    for (;;) {
      try {
        return await this.#patiently(this.#deployment.call(label, task));
      } catch (error) {
        if (error instanceof SwitchyardError) return error;
        if (!(error instanceof RequestFailed)) throw error;
      }
      await time.sleep(500 + drawDelay(random, 3_000));
    }
  }

  #patiently<Answer>(answer: Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      answer.then(resolve, reject);
      this.#world.time.after(PATIENCE_MILLIS, () => reject(new RequestFailed('no answer')));
    });
  }
}
