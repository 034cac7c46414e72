import type { Lane } from '../contract/lane.ts';
import { processorOf } from '../models/lane-files.ts';
import type { JobRecord } from './job-record.ts';

/** What a worker of a lane runs. */
export type PinnedModel = Pick<JobRecord, 'variant' | 'modelSha256' | 'provider'>;

/**
 * The model that a job pinned for a lane: its one variant, or in a mixed job the one of that kind of
 * processor.
 */
export function pinnedFor(
  job: PinnedModel & Pick<JobRecord, 'mixed'>,
  lane: Lane | undefined,
): PinnedModel {
  const { variant, modelSha256, provider } = job;
  const own = job.mixed?.find((each) => lane !== undefined && each.processor === processorOf(lane));
  if (own === undefined) return { variant, modelSha256, provider };
  return { variant: own.variant, modelSha256: own.sha256, provider: own.provider };
}

/** Of every model file that may have made a part of the job. */
export function pinnedSha256s({
  modelSha256,
  mixed,
}: Pick<JobRecord, 'modelSha256' | 'mixed'>): readonly string[] {
  return mixed?.map(({ sha256 }) => sha256) ?? [modelSha256];
}
