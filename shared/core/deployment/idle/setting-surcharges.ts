import { HOURS_PER_MONTH } from '../../cost/lane-rates.ts';
import type { PriceCatalogue } from '../../cost/price-catalogue.ts';
import { unitUsd } from '../../cost/price-quantity.ts';
import type { Usd } from '../../cost/usd.ts';
import type { DeploymentConfig } from '../deployment-config.ts';

export interface SettingSurcharge {
  /** The setting and its value, as in the config file. */
  readonly setting: string;
  readonly per: string;
  /** Dollars a month while nobody calls; undefined where no price is known. */
  readonly usd: Usd | undefined;
}

/** Zones of the network where the config names none. */
const DEFAULT_ZONES = 3;
/** Services that instances without a way out ask by endpoints of their own. */
const ENDPOINTS = 6;

/** A text as people send them, and what its line has beside it. */
const TEXT_BYTES = 200;
const LINE_BYTES = 350;

/** Rules of the firewall; a test compares them with the template. */
export const FIREWALL_RULES = 3;

/** What every setting that is paid by the month would add, whether it is on or not. */
export function settingSurcharges(
  config: DeploymentConfig,
  prices: PriceCatalogue,
): readonly SettingSurcharge[] {
  const monthly = (service: string, dimension: string, amount: number) => {
    const found = prices.find({ service, dimension, region: config.region });
    return found.kind === 'found' ? unitUsd(found.price).times(amount) : undefined;
  };
  const hours = HOURS_PER_MONTH;
  const zones = config.zones?.length ?? DEFAULT_ZONES;
  const gbSeconds = (config.memoryMb / 1_024) * hours * 3_600;
  const pingSeconds = 8_760 * (config.warming.holdMillis / 1_000 + 0.05);
  return [
    {
      setting: 'warming.environments',
      per: 'environment, every 5 minutes',
      usd: monthly(
        'lambda',
        `duration-${config.architecture}`,
        pingSeconds * (config.memoryMb / 1_024),
      ),
    },
    {
      setting: 'provisionedConcurrency',
      per: `environment of ${config.memoryMb} MB`,
      usd: monthly('lambda', `provisioned-${config.architecture}`, gbSeconds),
    },
    {
      setting: 'network: nat',
      per: 'gateway and its address',
      usd: sumOf(monthly('vpc', 'nat-hours', hours), monthly('vpc', 'ipv4-hours', hours)),
    },
    {
      setting: 'network: isolated',
      per: `${ENDPOINTS} endpoints in ${zones} zones`,
      usd: monthly('vpc', 'endpoint-hours', ENDPOINTS * zones * hours),
    },
    {
      setting: 'dashboard: true',
      per: 'dashboard; the first 3 of an account are free',
      usd: monthly('cloudwatch', 'dashboards', 1),
    },
    {
      setting: 'canaryPercent',
      per: 'two alarms; the first 10 of an account are free',
      usd: monthly('cloudwatch', 'alarms', 2),
    },
    {
      setting: 'waf: true',
      per: `web ACL with ${FIREWALL_RULES} rules; calls come on top`,
      usd: sumOf(monthly('waf', 'web-acl', 1), monthly('waf', 'rules', FIREWALL_RULES)),
    },
    {
      setting: 'predictionLog: full',
      per: `million calls with ${TEXT_BYTES} bytes of text: the log alone, no price of Firehose is known`,
      usd: monthly('cloudwatch', 'logs-ingested', (1e6 * (TEXT_BYTES + LINE_BYTES)) / 2 ** 30),
    },
    {
      setting: 'image: asset or codebuild',
      per: 'GB of the image',
      usd: monthly('ecr', 'storage', 1),
    },
  ];
}

/** Undefined where one of the two has no price: half a surcharge would look like the whole. */
function sumOf(one: Usd | undefined, other: Usd | undefined): Usd | undefined {
  return one === undefined || other === undefined ? undefined : one.plus(other);
}
