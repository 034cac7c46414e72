import type { Limits } from '#core/contract/limits.ts';
import type { AnswerEnvelope } from '#core/contract/predict-answer.ts';
import type { Architecture } from '#core/cost/lane-rates.ts';
import type { PriceCatalogue } from '#core/cost/price-catalogue.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { JobStarter } from '#core/ports/job-starter.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import type { MetricSink } from '#core/ports/metric-sink.ts';
import type { ObjectLinks } from '#core/ports/object-links.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';
import type { UploadLinks } from '#core/ports/upload-links.ts';
import type { InferenceService } from '#inference/inference-service.ts';
import type { Escalation } from '#work/escalation/escalate.ts';
import type { JobService } from '#work/job-service.ts';
import type { LiveRouter } from '#work/routing/live-router.ts';
import type { RequestUse } from './handler.ts';

/** What every route needs; made once per process by the entry. */
interface CommonDependencies {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  /** Decides where work is run; without one the number of items decides. */
  readonly router?: LiveRouter;
  /** What tenants may still spend; without it there is no limit. */
  readonly budgets?: TenantBudgets;
}

/** What the routes need that models answer. */
export interface InferenceDependencies extends CommonDependencies {
  readonly inference: InferenceService;
  readonly metrics: MetricSink;
  /** Work that does not fit into a request becomes a job; nothing else is asked of jobs here. */
  readonly jobs: JobStarter;
  /** Price of one inline answer. */
  readonly costOf: (usage: RequestUse) => AnswerEnvelope['cost'];
  /** Takes a request that was answered, or was not, into the ledger; where there is none, nothing. */
  readonly recordRequest?: (request: FinishedRequest) => void;
  /** Asks another about answers that are not certain enough; without it nobody is asked. */
  readonly escalation?: Escalation;
}

/** What the routes of jobs need; no model is among it. */
export interface JobDependencies extends CommonDependencies {
  readonly jobs: JobService;
  readonly objectStore: ObjectStore;
  readonly objectLinks: ObjectLinks;
  readonly uploadLinks: UploadLinks;
  /** Whether callers send a key: what the OpenAPI document tells them. */
  readonly needsKey: boolean;
  /** Name of the data bucket in `s3://` URIs. */
  readonly bucketName: string;
  /** What `GET /costs` reads; without it the route has nothing to say. */
  readonly costs?: CostBooks;
}

export interface CostBooks {
  readonly ledger: Pick<Ledger, 'read'>;
  readonly region: string;
  readonly architecture: Architecture;
  /** Opened when it is asked for: most calls of a function never need it. */
  readonly catalogue: () => PriceCatalogue;
}

/** What a process needs that answers every route. */
export type HandlerDependencies = InferenceDependencies & JobDependencies;

/** A request as the ledger wants it. */
export interface FinishedRequest {
  readonly requestId: string;
  readonly tenant: string;
  readonly model: string | undefined;
  /** Texts that it had, as far as it could be read. */
  readonly askedItems: number;
  /** What the model did; undefined where it was not asked or gave nothing. */
  readonly usage: RequestUse | undefined;
  /** From arrival to answer. */
  readonly elapsedMillis: number;
  readonly status: number;
  readonly responseBytes: number;
}

/** Writes one line of the log. Entries hold numbers and names, never a text of a caller's. */
export type Log = (entry: Readonly<Record<string, unknown>>) => void;
