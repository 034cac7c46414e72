import * as z from 'zod';

/**
 * What is kept of the answers that were given. `off`: nothing but what they cost. `digest`: how long each
 * text was and what the model said, nothing that was written and no hash of it, since a hash of a short
 * text can be guessed. `full`: beside the digest the texts themselves, in a log of their own.
 */
const predictionLogModes = ['off', 'digest', 'full'] as const;
export const predictionLogModeSchema = z.enum(predictionLogModes);
export type PredictionLogMode = z.infer<typeof predictionLogModeSchema>;
