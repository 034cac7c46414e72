import type { SimulatedDeployment } from './simulated-deployment.ts';
import { count, drawDelay, type World } from './world.ts';

const LONGEST_SLEEP_MILLIS = 100_000;

/** Blows to running workers, at random moments, until the faults end. */
export async function strikeWorkers(world: World, deployment: SimulatedDeployment): Promise<void> {
  const { time, random, faults } = world;
  if (faults.workerBlowMillis === Infinity) return;
  for (;;) {
    await time.sleep(drawDelay(random, faults.workerBlowMillis));
    if (time.nowMillis >= faults.endsAtMillis) return;
    const running = deployment.queue().running();
    const struck = running[random.below(running.length)];
    if (struck === undefined) continue;
    const { worker } = struck;
    switch (random.below(5)) {
      case 0:
      case 1:
        count(world, 'workers killed');
        worker.kill();
        break;
      case 2:
        count(world, 'workers told to leave');
        worker.terminate(random.below(10_000));
        break;
      case 3:
        // A machine that hangs: the queue knows nothing and waits.
        count(world, 'workers that stood still');
        worker.process.pause(random.below(LONGEST_SLEEP_MILLIS));
        break;
      case 4:
        // A zombie: the queue gives up its host and starts the next try, then it goes on.
        count(world, 'zombies');
        worker.process.pause(random.below(LONGEST_SLEEP_MILLIS));
        deployment.queue().writeOff(struck);
        break;
    }
  }
}
