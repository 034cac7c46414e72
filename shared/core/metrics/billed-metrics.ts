/**
 * The measurements that become CloudWatch metrics. Each costs $0.30 a month per combination of model
 * and lane (first 10,000; hours without a value are free), so there are ten at most; everything else
 * stays a field of the log line, where Logs Insights finds it. None is written while nobody calls: the
 * warmer runs every few minutes, and its count would be billed in every hour of an idle month.
 */
export const billedMetrics = [
  'infer_requests_total',
  'infer_items_total',
  'infer_errors_total',
  'infer_request_duration_seconds',
  'environment_start_seconds',
] as const;

/** Of the drift job: one value a day, where there was enough to tell. */
export const driftMetrics = ['drifted_models'] as const;

export const MOST_BILLED_METRICS = 10;
