/**
 * The measurements that become CloudWatch metrics. Each costs $0.30 a month per combination of model
 * and lane (first 10,000; hours without a value are free), so there are ten at most; everything else
 * stays a field of the log line, where Logs Insights finds it.
 */
export const billedMetrics = [
  'infer_requests_total',
  'infer_items_total',
  'infer_errors_total',
  'infer_request_duration_seconds',
  'environment_start_seconds',
  'warm_up_environments_total',
] as const;

export const MOST_BILLED_METRICS = 10;
