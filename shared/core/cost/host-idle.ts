import type { AttemptSpan } from '../jobs/attempt-record.ts';

/**
 * Longest stretch that an instance is taken to have stood ready for a worker. A longer one was another
 * job's, or nobody's: an idle instance is taken away within minutes.
 */
const MOST_MILLIS = 30 * 60_000;

/**
 * What an instance was paid for before each try of a worker on it, by attempt id: its boot before the
 * first one, the wait between two. Tries of workers without a known instance are not in it.
 */
export function idleBeforeMillis(spans: readonly AttemptSpan[]): ReadonlyMap<string, number> {
  const idle = new Map<string, number>();
  const hosted = spans.filter(({ attempt }) => attempt.host !== undefined);
  for (const onHost of Map.groupBy(hosted, ({ attempt }) => attempt.host?.instanceId).values()) {
    const inOrder = onHost.toSorted((left, right) => startOf(left) - startOf(right));
    let sinceMillis = Date.parse(inOrder[0]?.attempt.host?.launchedAt ?? '');
    for (const span of inOrder) {
      const waited = startOf(span) - sinceMillis;
      idle.set(span.attempt.attemptId, waited > 0 && waited <= MOST_MILLIS ? waited : 0);
      sinceMillis = Math.max(startOf(span), span.endedAtMillis ?? startOf(span));
    }
  }
  return idle;
}

function startOf({ attempt }: AttemptSpan): number {
  return Date.parse(attempt.startedAt);
}
