import { jobIdSchema } from '#core/contract/list-jobs-query.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent } from '../handler.ts';

/** The `{id}` of the path. Throws `job_not_found` for what can be no id, before anything is read. */
export function jobIdOf(event: RouteEvent): string {
  const id = jobIdSchema.safeParse(event.pathParameters?.['id']);
  if (id.success) return id.data;
  throw new SwitchyardError('job_not_found', 'no such job; GET /jobs lists yours');
}
