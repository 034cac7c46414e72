/**
 * Takes measurements. Names follow Prometheus: base units, `_total` for counters, `_seconds` for times.
 * Dimensions are `model` and `lane` only: each distinct combination is billed as a custom metric in AWS.
 */
export interface MetricSink {
  /** Adds to a counter. `amount` ≥ 0; a negative or non-finite one throws `invalid_metric`. */
  count(name: string, amount: number, dimensions?: MetricDimensions): void;
  /** One observation of a distribution, such as a duration in seconds. */
  observe(name: string, value: number, dimensions?: MetricDimensions): void;
  /** Hands over everything recorded so far; resolves when it cannot be lost any more. */
  flush(): Promise<void>;
}

export interface MetricDimensions {
  /** @default - not split by model */
  readonly model?: string;
  /** @default - not split by lane */
  readonly lane?: string;
}
