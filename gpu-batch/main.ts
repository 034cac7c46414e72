// The worker that AWS Batch, the fleet and the local queue start. It runs until its job has nothing
// left for it; what its exit codes mean stands in exit-codes.ts.

import { superviseWorker } from './supervise.ts';

process.exitCode = await superviseWorker(process.env);
// The child and open handles must not keep a finished worker alive.
process.exit();
