// The Lambda function of the routes that models answer. Deployed as one ES module.

import { openInferenceFunction } from './open-inference-function.ts';

// ONNX Runtime reports home unless told not to; it is loaded later than this line.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

// Awaited here, so that the models are opened in the init phase and not within the first request.
export const { handler } = await openInferenceFunction(process.env);
