import { gpuInstances } from './gpu-instances.ts';
import type { Price, PriceCatalogue, PriceLookup } from './price-catalogue.ts';
import { unitUsd } from './price-quantity.ts';
import { spotPricesOf } from './spot-price.ts';

/** AWS counts a month as 730 hours wherever a price is per month. */
export const HOURS_PER_MONTH = 730;
const REFERENCE_REGION = 'us-east-1';

/** One vCPU of Lambda, in MB: a model runs on one thread, so more memory would not make it faster. */
export const LAMBDA_MEMORY_MIB = 1_769;

export type Architecture = 'x86_64' | 'arm64';

/** Plain numbers for decisions: dollars of the first tier, without free allowances. */
export interface LaneRates {
  readonly region: string;
  readonly architecture: Architecture;
  readonly lambda: {
    readonly usdPerGbSecond: number;
    readonly usdPerInvocation: number;
  };
  /** Instance types that the region offers; one without a price in a lane cannot take part in it. */
  readonly gpus: readonly GpuRates[];
  readonly diskUsdPerGbHour: number;
  readonly ipv4UsdPerHour: number;
  readonly s3: { readonly usdPerPut: number; readonly usdPerGet: number };
  readonly sqsUsdPerRequest: number;
  readonly api: { readonly restUsdPerRequest: number; readonly httpUsdPerRequest: number };
  readonly logUsdPerGb: number;
  readonly egressUsdPerGb: number;
  /** Small terms whose price in the region is not known: a decision counts with us-east-1's instead. */
  readonly standIns: readonly string[];
  /** Prices used that are older than the catalogue's limit, with their day. */
  readonly stale: readonly string[];
  /** Day of the oldest list price and of the oldest spot price among these, where there is one. */
  readonly listAsOf?: string | undefined;
  readonly spotAsOf?: string | undefined;
}

export interface GpuRates {
  readonly instanceType: string;
  readonly gpu: string;
  readonly gpus: number;
  readonly onDemandUsdPerHour: number | undefined;
  /** Median over the zones whose price says something. */
  readonly spotUsdPerHour: number | undefined;
}

export type LaneRatesLookup =
  | { readonly kind: 'found'; readonly rates: LaneRates }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * The rates of a region. What decides between lanes (Lambda, instances) must be known there; the
 * small rest may be stood in for by us-east-1, which `standIns` names, so that a report can say it.
 */
export function laneRatesOf(
  catalogue: PriceCatalogue,
  place: { readonly region: string; readonly architecture: Architecture },
): LaneRatesLookup {
  const { region, architecture } = place;
  const duration = catalogue.find({
    service: 'lambda',
    dimension: `duration-${architecture}`,
    region,
  });
  const requests = catalogue.find({ service: 'lambda', dimension: 'requests', region });
  if (duration.kind !== 'found') return { kind: 'unknown', reason: duration.reason };
  if (requests.kind !== 'found') return { kind: 'unknown', reason: requests.reason };
  const standIns: string[] = [];
  const used: Price[] = [];
  const use = (lookup: PriceLookup): number => {
    if (lookup.kind !== 'found') return 0;
    used.push(lookup.price);
    return unitUsd(lookup.price).toNumber();
  };
  const small = (service: string, dimension: string): number => {
    const own = catalogue.find({ service, dimension, region });
    if (own.kind === 'found') return use(own);
    standIns.push(`${service} ${dimension}`);
    return use(catalogue.find({ service, dimension, region: REFERENCE_REGION }));
  };
  const gpus = gpuRatesOf(catalogue, region, used);
  const rates = {
    region,
    architecture,
    lambda: { usdPerGbSecond: use(duration), usdPerInvocation: use(requests) },
    gpus,
    diskUsdPerGbHour: small('ebs', 'gp3-storage') / HOURS_PER_MONTH,
    ipv4UsdPerHour: small('vpc', 'ipv4-hours'),
    s3: { usdPerPut: small('s3', 'put-requests'), usdPerGet: small('s3', 'get-requests') },
    sqsUsdPerRequest: small('sqs', 'standard-requests'),
    api: {
      restUsdPerRequest: small('api-gateway', 'rest-requests'),
      httpUsdPerRequest: small('api-gateway', 'http-requests'),
    },
    logUsdPerGb: small('cloudwatch', 'logs-ingested'),
    egressUsdPerGb: small('data-transfer', 'internet-out'),
    standIns,
  };
  return { kind: 'found', rates: { ...rates, ...agesOf(used) } };
}

function agesOf(used: readonly Price[]): Pick<LaneRates, 'stale' | 'listAsOf' | 'spotAsOf'> {
  const old = used.filter(({ isStale }) => isStale);
  const oldest = (prices: readonly Price[]) => prices.map(({ asOf }) => asOf).sort()[0];
  return {
    stale: [...new Set(old.map((each) => `${each.service} ${each.dimension} of ${each.asOf}`))],
    listAsOf: oldest(used.filter(({ zone }) => zone === undefined)),
    spotAsOf: oldest(used.filter(({ zone }) => zone !== undefined)),
  };
}

function gpuRatesOf(catalogue: PriceCatalogue, region: string, used: Price[]): readonly GpuRates[] {
  return gpuInstances.flatMap(({ instanceType, gpu, gpus }) => {
    const onDemand = catalogue.find({ service: 'ec2', dimension: instanceType, region });
    const spot = spotPricesOf(catalogue, { region, instanceType });
    if (onDemand.kind !== 'found' && spot === undefined) return [];
    if (onDemand.kind === 'found') used.push(onDemand.price);
    if (spot !== undefined) used.push(spot.lowest, spot.highest);
    const onDemandUsdPerHour =
      onDemand.kind === 'found' ? unitUsd(onDemand.price).toNumber() : undefined;
    return [
      { instanceType, gpu, gpus, onDemandUsdPerHour, spotUsdPerHour: spot?.median.toNumber() },
    ];
  });
}

/** GB-seconds of one call: AWS counts 1,024 MB to the GB and bills whole milliseconds. */
export function gbSecondsOf(call: {
  readonly memoryMib: number;
  readonly billedMillis: number;
}): number {
  return (call.memoryMib / 1024) * (Math.ceil(call.billedMillis) / 1000);
}
