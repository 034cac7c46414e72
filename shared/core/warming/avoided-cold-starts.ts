/**
 * How long an idle environment lives without pings. Customary, never promised: published measurements
 * run from 5 to 60 minutes, AWS says "non-deterministic".
 */
export const IDLE_LIFE_MILLIS = 600_000;

/** What one environment remembers of its calls. Times are of a monotonic clock. */
export interface WarmthRecord {
  readonly calls: number;
  /** End of the last request of a caller; undefined where there was none. */
  readonly requestMillis: number | undefined;
  /** Whether pings alone have kept the environment since that request, or since its start. */
  readonly pinged: boolean;
  readonly avoided: number;
}

export const noCalls: WarmthRecord = {
  calls: 0,
  requestMillis: undefined,
  pinged: false,
  avoided: 0,
};

/**
 * A caller's request. It counts as an avoided cold start where only pings explain that it met a warm
 * environment: a ping started it, or the last request lies further back than an environment lives.
 * An estimate: it assumes that Lambda would have chosen the same environments without pings.
 */
export function recordRequest(record: WarmthRecord, atMillis: number): WarmthRecord {
  const { calls, requestMillis, pinged, avoided } = record;
  const wouldBeGone =
    pinged && (requestMillis === undefined || atMillis - requestMillis > IDLE_LIFE_MILLIS);
  return {
    calls: calls + 1,
    requestMillis: atMillis,
    pinged: false,
    avoided: avoided + (wouldBeGone ? 1 : 0),
  };
}

/** A ping takes the count with it. */
export function recordPing(record: WarmthRecord): WarmthRecord {
  return { ...record, calls: record.calls + 1, pinged: true, avoided: 0 };
}
