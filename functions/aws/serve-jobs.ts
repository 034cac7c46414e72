// The Lambda function of the routes of jobs. Deployed as one ES module, without any model.

import { openJobsFunction } from './open-jobs-function.ts';

// Awaited here, so that the SDK is loaded in the init phase and not within the first request.
export const { handler } = await openJobsFunction(process.env);
