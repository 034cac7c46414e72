import type { Limits } from '#core/contract/limits.ts';
import type { AnswerEnvelope } from '#core/contract/predict.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { MetricSink } from '#core/ports/metric-sink.ts';
import type { ObjectLinks } from '#core/ports/object-links.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import type { JobService } from '#work/job-service.ts';

/** Everything the handlers need from outside; made once per process by the entry. */
export interface HandlerDependencies {
  readonly limits: Limits;
  readonly inference: InferenceService;
  readonly jobs: JobService;
  readonly objectStore: ObjectStore;
  readonly objectLinks: ObjectLinks;
  readonly clock: Clock;
  readonly metrics: MetricSink;
  readonly log: Log;
  /** Price of one inline answer. */
  readonly costOf: (usage: {
    readonly items: number;
    readonly tokens: number;
    readonly processingMillis: number;
  }) => AnswerEnvelope['cost'];
}

/** Writes one line of the log. Entries hold numbers and names, never a text of a caller's. */
export type Log = (entry: Readonly<Record<string, unknown>>) => void;
