import type { Limits } from '#core/contract/limits.ts';
import type { AnswerEnvelope } from '#core/contract/predict.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { JobStarter } from '#core/ports/job-starter.ts';
import type { MetricSink } from '#core/ports/metric-sink.ts';
import type { ObjectLinks } from '#core/ports/object-links.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import type { JobService } from '#work/job-service.ts';

/** What every route needs; made once per process by the entry. */
interface CommonDependencies {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly metrics: MetricSink;
  readonly log: Log;
}

/** What the routes need that models answer. */
export interface InferenceDependencies extends CommonDependencies {
  readonly inference: InferenceService;
  /** Work that does not fit into a request becomes a job; nothing else is asked of jobs here. */
  readonly jobs: JobStarter;
  /** Price of one inline answer. */
  readonly costOf: (usage: {
    readonly items: number;
    readonly tokens: number;
    readonly processingMillis: number;
  }) => AnswerEnvelope['cost'];
}

/** What the routes of jobs need; no model is among it. */
export interface JobDependencies extends CommonDependencies {
  readonly jobs: JobService;
  readonly objectStore: ObjectStore;
  readonly objectLinks: ObjectLinks;
}

/** What a process needs that answers every route. */
export type HandlerDependencies = InferenceDependencies & JobDependencies;

/** Writes one line of the log. Entries hold numbers and names, never a text of a caller's. */
export type Log = (entry: Readonly<Record<string, unknown>>) => void;
