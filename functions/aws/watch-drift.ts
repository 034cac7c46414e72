// The Lambda function that compares what models said yesterday with what they used to say, by a schedule.

import { createEmfMetricSink } from '#adapters/aws/emf-metric-sink.ts';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { unpricedRow } from '#core/cost/usage-line.ts';
import { driftSettingsSchema } from '#core/deployment/function-settings.ts';
import { driftMetrics } from '#core/metrics/billed-metrics.ts';
import { createDriftWatch } from '../service/watch-drift.ts';
import { openDeploymentBuckets } from './open-deployment-buckets.ts';
import { readFunctionSettings } from './read-function-settings.ts';
import { writeLog } from './write-log.ts';

const settings = readFunctionSettings(driftSettingsSchema, process.env);
const buckets = { bucket: settings.SWITCHYARD_DATA_BUCKET };
const objectStore = createS3ObjectStore(openDeploymentBuckets(buckets, process.env));

export const handler = createDriftWatch({
  objectStore,
  // Nothing here is about money, and prices take most of the time of reading.
  ledger: createObjectLedger({ objectStore, priceUsage: unpricedRow }),
  metrics: createEmfMetricSink({
    namespace: settings.SWITCHYARD_METRICS_NAMESPACE,
    billed: driftMetrics,
    clock: systemClock,
  }),
  clock: systemClock,
  log: writeLog,
});
