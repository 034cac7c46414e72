// A thread of the simulation: runs its share of the seeds and posts what they came to.
import { parentPort, workerData } from 'node:worker_threads';
import { runSeeds } from './run-seeds.ts';

parentPort?.postMessage(await runSeeds(workerData.range, workerData.step));
