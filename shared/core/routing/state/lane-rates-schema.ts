import * as z from 'zod';

const usd = z.number().nonnegative();
// JSON has no undefined: a price that is not known is a member that is not there.
const usdOrUnknown = usd.optional().transform((price): number | undefined => price);

/** Rates as a state keeps them. */
export const laneRatesSchema = z.strictObject({
  region: z.string(),
  architecture: z.enum(['x86_64', 'arm64']),
  lambda: z.strictObject({ usdPerGbSecond: usd, usdPerInvocation: usd }),
  gpus: z
    .array(
      z.strictObject({
        instanceType: z.string(),
        gpu: z.string(),
        gpus: z.int().positive(),
        onDemandUsdPerHour: usdOrUnknown,
        spotUsdPerHour: usdOrUnknown,
      }),
    )
    .readonly(),
  diskUsdPerGbHour: usd,
  ipv4UsdPerHour: usd,
  s3: z.strictObject({ usdPerPut: usd, usdPerGet: usd }),
  sqsUsdPerRequest: usd,
  api: z.strictObject({ restUsdPerRequest: usd, httpUsdPerRequest: usd }),
  logUsdPerGb: usd,
  egressUsdPerGb: usd,
  standIns: z.array(z.string()).readonly(),
  stale: z.array(z.string()).readonly(),
  listAsOf: z.string().optional(),
  spotAsOf: z.string().optional(),
});
