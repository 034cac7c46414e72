import type { Assumptions } from './assumptions.ts';
import { sumLines } from './cost-line.ts';
import type { PriceBook } from './price-book.ts';
import { pingLines, provisionedLines } from './request-path.ts';

/** A monthly cost that design documents tend to forget. */
export interface HiddenCost {
  readonly label: string;
  readonly usd: number;
  /** Whether the deployment as shipped has it. */
  readonly deployed: boolean;
}

/** Office hours of a month. */
const OFFICE_HOURS = 220;
/** What the first analysis counted with. */
const PULLS = 60;
const INSTANCE_HOURS = 60;
const WARM_GB = 2;

/** Fixed costs of a month, whether chosen or not, with what avoids them beside them. */
export function hiddenCosts(book: PriceBook, a: Assumptions): readonly HiddenCost[] {
  const usd = (item: string, quantity: number) => book.usd(item, quantity) ?? 0;
  const nat = (gateways: number) => usd('vpc nat-hours', gateways * a.hoursPerMonth);
  const provisioned = (environments: number, hours: number) =>
    sumLines(provisionedLines(book, a, { gb: WARM_GB, environments, hours }));
  const cost = (label: string, amount: number, deployed = false): HiddenCost => ({
    label,
    usd: amount,
    deployed,
  });
  const endpoints = 6 * 2 * a.hoursPerMonth;
  const diskMonths = (a.diskGb * INSTANCE_HOURS) / a.hoursPerMonth;
  return [
    cost('1 NAT gateway (one zone), before data', nat(1)),
    cost('2 NAT gateways: the default of a CDK Vpc', nat(2)),
    cost('3 NAT gateways: an explicit region with three zones', nat(3)),
    cost('6 interface endpoints in 2 zones (ECR, logs, ECS)', usd('vpc endpoint-hours', endpoints)),
    cost(
      'Gateway endpoints for S3 and DynamoDB',
      usd('vpc gateway-endpoint-hours', a.hoursPerMonth),
    ),
    cost('Public IPv4 instead, for 20 instance hours', usd('vpc ipv4-hours', 20), true),
    cost(`${a.imageGb} GB GPU image in ECR`, usd('ecr storage', a.imageGb), true),
    cost(`That image pulled through NAT, ${PULLS} starts`, usd('vpc nat-bytes', PULLS * a.imageGb)),
    cost('That image through the S3 gateway endpoint', usd('vpc gateway-endpoint-hours', 0), true),
    cost(`1 provisioned environment of ${WARM_GB} GB, 24×7`, provisioned(1, a.hoursPerMonth)),
    cost(`5 provisioned environments of ${WARM_GB} GB, 24×7`, provisioned(5, a.hoursPerMonth)),
    cost('The same five in office hours (10 h × 22 days)', provisioned(5, OFFICE_HOURS)),
    cost('Warming pings, 5 environments, every 5 minutes', sumLines(pingLines(book, a, WARM_GB))),
    cost('A dashboard beyond the 3 free ones', usd('cloudwatch dashboards', 1)),
    cost('30 custom metrics beyond the 10 free ones', usd('cloudwatch metrics', 30)),
    cost('10 alarms beyond the 10 free ones', usd('cloudwatch alarms', 10)),
    cost(
      `${a.diskGb} GB root volume, ${INSTANCE_HOURS} instance hours`,
      usd('ebs gp3-storage', diskMonths),
      true,
    ),
  ];
}
