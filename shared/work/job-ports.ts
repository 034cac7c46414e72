import type { Limits } from '#core/contract/limits.ts';
import type { LaneRates } from '#core/cost/lane-rates.ts';
import type { InputRules } from '#core/jobs/input-rules.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { InputSnapshots } from '#core/ports/input-snapshots.ts';
import type { JobQueue } from '#core/ports/job-queue.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { TenantBudgets } from '#core/ports/tenant-budgets.ts';
import type { RouteJob } from './accept/route-job.ts';

/** What the steps around a job (create, describe, cancel, reconcile) need from outside. */
export interface JobPorts {
  readonly objectStore: ObjectStore;
  readonly jobQueue: JobQueue;
  readonly inputSnapshots: InputSnapshots;
  readonly clock: Clock;
  readonly catalogue: JobModelCatalogue;
  readonly limits: Limits;
  readonly settings: JobSettings;
  /** Where ended work is priced and written down; undefined where nobody keeps a ledger. */
  readonly charges?: JobCharges;
  /** What tenants may still spend, asked before ended work goes on; without it there is no limit. */
  readonly budgets?: TenantBudgets | undefined;
  /** Chooses lane and workers of a job; without it every job gets the lane and number of the settings. */
  readonly routeJob?: RouteJob;
}

interface JobCharges {
  /** Undefined where the region has no prices; asked for when a job has ended. */
  readonly rates: () => LaneRates | undefined;
  readonly ledger: Ledger;
}

/** The models a job may name, as far as planning a job needs to know them. */
interface JobModelCatalogue {
  /** Throws `model_not_found`, or `lane_unavailable` where the bundle has no file for the lane. */
  describe(model: string, lane: string): JobModel;
}

export interface JobModel {
  readonly version: string;
  readonly variant: string;
  readonly sha256: string;
  readonly provider: 'cpu' | 'webgpu' | 'cuda';
}

interface JobSettings {
  /** Secret of the deployment: job ids cannot be guessed or reached from another tenant. */
  readonly secret: string;
  /** Name of the data bucket in `s3://` URIs. */
  readonly bucketName: string;
  /** What of it a tenant's jobs may name as input. */
  readonly inputRules: InputRules;
  /** Workers of a job that asks for no number. */
  readonly workers: number;
  /** Unit of commit, in bytes of input. */
  readonly cellBytes: number;
  /** Grows at each start of the server: workers of a later one take over claims of earlier ones. */
  readonly generation: number;
}
