import { drawFate, type RequestFate } from './fault-profile.ts';
import type { BucketAnswer, BucketRequest } from './simulated-bucket.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { count, drawDelay, type World } from './world.ts';

/** The request failed in a way that a retry may cure; whether it took effect is not known. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
}

const TIMEOUT_MILLIS = 5_000;
const HANG_MILLIS = 30_000;
const LATEST_MILLIS = 40_000;

/**
 * One request from a process to a service, with everything that can go wrong on the way. The effect
 * is one instant of its own: a process that dies while its request travels may still have its effect,
 * and a request whose caller gave up may take effect after the caller's retry.
 */
export function sendRequest<Answer>(
  world: World,
  process: SimulatedProcess,
  request: {
    readonly label: string;
    readonly apply: () => Answer;
    readonly isConditional: boolean;
  },
): Promise<Answer> {
  const { time, random, faults, trace } = world;
  const drawn = drawFate(faults, time.nowMillis, random);
  const fate: RequestFate = drawn === 'conflict' && !request.isConditional ? 'fine' : drawn;
  if (fate !== 'fine') count(world, `requests: ${fate}`);
  const thereMillis = drawDelay(random, faults.latencyMillis / 2);
  const backMillis = drawDelay(random, faults.latencyMillis / 2);
  return new Promise((resolve, reject) => {
    if (process.isDead) return;
    const fail = (millis: number) =>
      time.after(millis, () => {
        process.deliver(() => reject(new RequestFailed(`${request.label}: ${fate}`)));
      });
    const takeEffect = (): Answer | undefined => {
      // Of what a dead process had sent, some was on its way and some was not.
      if (process.isDead && random.below(2) === 0) return undefined;
      const answer = request.apply();
      trace.add(time.nowMillis, process.name, `${request.label} ${fate}`);
      return answer;
    };
    switch (fate) {
      case 'fine':
        time.after(thereMillis, () => {
          const answer = takeEffect();
          if (answer === undefined) return;
          time.after(backMillis, () => process.deliver(() => resolve(answer)));
        });
        return;
      case 'refused':
      case 'conflict':
        return void fail(thereMillis + backMillis);
      case 'hangs':
        return void fail(HANG_MILLIS);
      case 'answerLost':
        time.after(thereMillis, takeEffect);
        return void fail(thereMillis + (random.below(2) === 0 ? backMillis : TIMEOUT_MILLIS));
      case 'late':
        time.after(TIMEOUT_MILLIS + random.below(LATEST_MILLIS), takeEffect);
        return void fail(TIMEOUT_MILLIS);
    }
  });
}

/** A request to the bucket, by name, as the trace shows it. */
export function sendToBucket(
  world: World,
  process: SimulatedProcess,
  request: BucketRequest,
): Promise<BucketAnswer> {
  const name = request.kind === 'list' ? request.prefix : request.key;
  const isConditional =
    request.kind === 'concatenate' || (request.kind === 'put' && request.ifAbsent);
  return sendRequest(world, process, {
    label: `${request.kind} ${name}`,
    isConditional,
    apply: () => world.bucket.apply(request, process.name),
  });
}
