import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { describeIdleCost } from '#core/deployment/idle/describe-idle-cost.ts';
import { idleCost } from '#core/deployment/idle/idle-cost.ts';
import { idleTemplateSchema } from '#core/deployment/idle/idle-template.ts';
import { settingSurcharges } from '#core/deployment/idle/setting-surcharges.ts';
import { utcDay } from '#core/utc-day.ts';

/** Says on standard error, before anything is deployed, what it will cost without a single call. */
export function printIdleCost(assembly: CloudAssembly, config: DeploymentConfig): void {
  const prices = openShippedPrices({ today: utcDay(Date.now()) });
  const templates = assembly.stacks.map(({ template }) => idleTemplateSchema.parse(template));
  const cost = idleCost(templates, { prices, region: config.region });
  const lines = describeIdleCost(cost, settingSurcharges(config, prices));
  process.stderr.write(`${lines.join('\n')}\n`);
}
