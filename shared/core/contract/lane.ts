import * as z from 'zod';

/** Where inference runs. On one machine the last three are worker processes. */
export const laneSchema = z.enum(['cpu', 'cpu-fleet', 'gpu-spot', 'gpu-on-demand']);
export type Lane = z.infer<typeof laneSchema>;

/** Why a lane was taken: the short form of the router's decision, part of every answer. */
export interface RouteSummary {
  readonly lane: Lane;
  readonly reason: string;
  /** Under this id `POST /route:explain` makes the same decision again; absent where no router is. */
  readonly stateId?: string;
  /** Set where the GPU lanes are only rehearsed on this machine. */
  readonly rehearsal?: string;
}
