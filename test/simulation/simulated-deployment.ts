import type { JobPorts } from '#work/job-ports.ts';
import type { JobService } from '#work/job-service.ts';
import { openJobService } from '#work/open-job-service.ts';
import { listActiveJobs, reconcileJob } from '#work/reconcile/reconcile-job.ts';
import { createReconciler, type Reconciler } from '../../functions/local/run-reconciler.ts';
import { type DeploymentSettings, portsOf } from './simulated-ports.ts';
import { drawClockSkew, SimulatedProcess } from './simulated-process.ts';
import { type QueueBehaviour, SimulatedQueue } from './simulated-queue.ts';
import { count, drawDelay, type World } from './world.ts';

/** Code that runs inside a server process, with its ports. */
export type ServerTask<Answer> = (ports: JobPorts, jobs: JobService) => Promise<Answer>;

/** The whole installation: what takes requests, what reconciles, and the queue. */
export interface SimulatedDeployment {
  readonly queue: () => SimulatedQueue;
  /** Starts a task where requests run now. Nothing is settled when its process dies on the way. */
  call<Answer>(label: string, task: ServerTask<Answer>): Promise<Answer>;
  /** A crash of the server, or of one of the functions that run at the moment. */
  strike(): void;
}

/** `npm start`: one process that serves, reconciles and holds the queue, and is started again. */
export function startLocalDeployment(
  world: World,
  settings: DeploymentSettings,
  behaviour: QueueBehaviour,
): SimulatedDeployment {
  let generation = 0;
  let current: {
    process: SimulatedProcess;
    ports: JobPorts;
    queue: SimulatedQueue;
    reconciler: Reconciler;
  };
  const wake = (name: string) => current.reconciler.wake(jobIdOfSubmission(name));
  const start = () => {
    generation += 1;
    const process = newProcess(world, `server ${generation}`);
    const queue = new SimulatedQueue(world, behaviour, (name) =>
      tellSometimes(world, () => wake(name)),
    );
    const ports = portsOf(world, process, { ...settings, queue, generation });
    const log = (event: object) =>
      world.trace.add(world.time.nowMillis, process.name, JSON.stringify(event).slice(0, 200));
    const reconciler = createReconciler({ ports: () => ports, clock: process.clock, log });
    current = { process, ports, queue, reconciler };
    const mine = current;
    // A round that cannot list the jobs ends the server, which is then started again.
    reconciler.run(new AbortController().signal).catch(() => crash(mine));
  };
  const crash = (struck: typeof current) => {
    if (struck.process.isDead) return;
    world.trace.add(world.time.nowMillis, struck.process.name, 'crashes');
    count(world, 'servers crashed');
    struck.process.kill();
    struck.queue.die();
    world.time.after(500 + drawDelay(world.random, 3_000), start);
  };
  start();
  return {
    queue: () => current.queue,
    call(_label, task) {
      const { process, ports, reconciler } = current;
      const jobs = openJobService(ports, reconciler.wake);
      return inProcess(process, () => task(ports, jobs));
    },
    strike: () => crash(current),
  };
}

/** Serverless: every request, event and scheduled round is a process of its own; they overlap. */
export function startFunctions(
  world: World,
  settings: DeploymentSettings & { readonly roundMillis: number },
  behaviour: QueueBehaviour,
): SimulatedDeployment {
  const alive = new Set<SimulatedProcess>();
  let started = 0;
  const queue: SimulatedQueue = new SimulatedQueue(world, behaviour, (name) =>
    tellSometimes(world, () => wake(jobIdOfSubmission(name))),
  );
  const invoke = <Answer>(label: string, task: ServerTask<Answer>): Promise<Answer> => {
    started += 1;
    const process = newProcess(world, `${label} ${started}`);
    alive.add(process);
    const ports = portsOf(world, process, { ...settings, queue, generation: 1 });
    const leave = () => {
      alive.delete(process);
    };
    world.time.after(FUNCTION_MILLIS, () => {
      process.kill();
      leave();
    });
    return inProcess(process, () => task(ports, openJobService(ports, wake))).finally(leave);
  };
  const wake = (jobId: string) => {
    invoke('event', (ports) => reconcileJob(ports, jobId)).catch(() => {});
  };
  const round = () => {
    invoke('round', async (ports) => {
      for (const jobId of await listActiveJobs(ports)) {
        await reconcileJob(ports, jobId).catch(() => {});
      }
    }).catch(() => {});
    world.time.after(settings.roundMillis, round);
  };
  round();
  return {
    queue: () => queue,
    call: invoke,
    strike() {
      const struck = [...alive][world.random.below(alive.size)];
      if (struck === undefined) return;
      count(world, 'functions struck');
      world.trace.add(world.time.nowMillis, struck.name, 'is struck');
      if (world.random.below(2) === 0) struck.kill();
      else struck.pause(world.random.below(60_000));
      alive.delete(struck);
    },
  };
}

/** A function is ended after this time. */
const FUNCTION_MILLIS = 120_000;

function newProcess(world: World, name: string): SimulatedProcess {
  return new SimulatedProcess(world.time, name, drawClockSkew(world.random, world.faults.isSkewed));
}

/** What the task gives, if its process lives to say it. */
function inProcess<Answer>(
  process: SimulatedProcess,
  task: () => Promise<Answer>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    process.deliver(() => {
      task().then(
        (answer) => process.deliver(() => resolve(answer)),
        (error: unknown) => process.deliver(() => reject(error)),
      );
    });
  });
}

/** An event that may be lost, come twice, or come late and so after its successors. */
function tellSometimes(world: World, tell: () => void): void {
  const { random, faults, time } = world;
  const isBad = time.nowMillis < faults.endsAtMillis;
  if (isBad && random.fraction() < faults.eventLost) {
    count(world, 'events lost');
    return;
  }
  const times = isBad && random.fraction() < faults.eventDoubled ? 2 : 1;
  if (times === 2) count(world, 'events doubled');
  for (let copy = 0; copy < times; copy += 1) time.after(drawDelay(random, 1_000), tell);
}

/** Submissions are named `<job id>-<ordinal>`. */
function jobIdOfSubmission(name: string): string {
  return name.slice(0, name.lastIndexOf('-'));
}
