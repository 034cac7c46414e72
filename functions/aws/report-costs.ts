// The Lambda function that writes down what a month or a week cost, by a schedule.

import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { countUnpriced, createUsagePricer } from '#core/cost/usage-line.ts';
import { reportSettingsSchema } from '#core/deployment/function-settings.ts';
import { createCostReporter } from '../service/report-costs.ts';
import { openDeploymentBuckets } from './open-deployment-buckets.ts';
import { openShippedPricesOfToday } from './open-job-charges.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { writeLog } from './write-log.ts';

const settings = readFunctionSettings(reportSettingsSchema, process.env);
const buckets = { bucket: settings.SWITCHYARD_DATA_BUCKET };
const objectStore = createS3ObjectStore(openDeploymentBuckets(buckets, process.env));

export const handler = createCostReporter({
  clock: systemClock,
  log: writeLog,
  period: settings.SWITCHYARD_REPORT_PERIOD,
  open: () => {
    const catalogue = openShippedPricesOfToday();
    const { priceUsage, unpricedLines } = countUnpriced(createUsagePricer(() => catalogue));
    return {
      ...{ objectStore, catalogue, unpricedLines },
      ledger: createObjectLedger({ objectStore, priceUsage }),
      region: process.env['AWS_REGION'] ?? 'us-east-1',
      architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64',
    };
  },
});
