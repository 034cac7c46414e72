/** What the metrics count, for whoever reads `GET /metrics` the first time. */
const helpTexts: Readonly<Record<string, string>> = {
  infer_requests_total: 'Requests for answers, refused ones too.',
  infer_items_total: 'Texts in them.',
  infer_request_duration_seconds: 'Time from the arrival of a request to its answer.',
  infer_errors_total: 'Requests that failed by a fault of the service (5xx).',
  environment_start_seconds: 'Time from the start of a process until it could answer.',
  warm_up_environments_total: 'Environments that a run of the warmer found ready.',
};

/** A sentence about a metric; its own words where there is none. */
export function metricHelp(name: string): string {
  return helpTexts[name] ?? name.replaceAll('_', ' ');
}
