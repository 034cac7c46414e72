import {
  CLAIM_EXPIRY_MILLIS,
  CLAIM_RENEW_MILLIS,
  type ClaimRecord,
  claimRecordSchema,
  isSuperseded,
  type WorkerIdentity,
} from '#core/jobs/claim.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';

/** A held unit of work. Losing it only wastes work: commits are safe without any claim. */
export interface Claim {
  readonly unit: string;
  /** Aborted once a later epoch exists: somebody else works on the unit now. */
  readonly lost: AbortSignal;
  /** Lets go at once, so that nobody has to wait for the expiry. */
  release(): Promise<void>;
  /** Stops renewing without a write: for a unit that is finished, which nobody will claim again. */
  finish(): Promise<void>;
}

/** Claims units of one job for one worker and renews what it holds until released. */
export class Claimer {
  readonly #objectStore: ObjectStore;
  readonly #clock: Clock;
  readonly #jobId: string;
  readonly #worker: WorkerIdentity;
  /** When a foreign claim was first seen in its present version, on this worker's own clock. */
  readonly #seen = new Map<string, { etag: string; sinceMillis: number }>();
  /** The foreign claim on a unit at this worker's last look at it. */
  readonly #lastLooks = new Map<string, { readonly state: string; readonly isAlive: boolean }>();

  constructor(options: {
    readonly objectStore: ObjectStore;
    readonly clock: Clock;
    readonly jobId: string;
    readonly worker: WorkerIdentity;
  }) {
    this.#objectStore = options.objectStore;
    this.#clock = options.clock;
    this.#jobId = options.jobId;
    this.#worker = options.worker;
  }

  /** The claim, or undefined while somebody else holds the unit. One write where it is free. */
  async tryClaim(unit: string): Promise<Claim | undefined> {
    const latest = await this.#latest(unit);
    if (latest !== undefined && !(await this.#isFree(latest))) {
      this.#look(unit, latest);
      return undefined;
    }
    const epoch = (latest?.epoch ?? 0) + 1;
    const { submission, arrayIndex, attempt, generation } = this.#worker;
    const record = { submission, arrayIndex, attempt, generation, beat: 0, released: false };
    const key = jobKeys.claim(this.#jobId, unit, epoch);
    const won = await this.#objectStore.putIfAbsent(key, encodeJson(record));
    return won ? this.#hold(unit, epoch, record) : undefined;
  }

  /** True where the claim that kept this worker off changed between its last two looks at the unit. */
  isSeenAlive(unit: string): boolean {
    return this.#lastLooks.get(unit)?.isAlive ?? false;
  }

  #look(unit: string, claim: { key: string; etag: string }): void {
    const state = `${claim.key} ${claim.etag}`;
    const last = this.#lastLooks.get(unit);
    this.#lastLooks.set(unit, { state, isAlive: last !== undefined && last.state !== state });
  }

  async #latest(unit: string): Promise<{ key: string; etag: string; epoch: number } | undefined> {
    let latest: { key: string; etag: string; epoch: number } | undefined;
    for await (const { key, etag } of this.#objectStore.list(jobKeys.claims(this.#jobId, unit))) {
      latest = { key, etag, epoch: Number(key.slice(key.lastIndexOf('/') + 1)) };
    }
    return latest;
  }

  async #isFree(claim: { key: string; etag: string }): Promise<boolean> {
    const owner = await readUndamagedJson(this.#objectStore, claim.key, claimRecordSchema);
    if (owner !== undefined && isSuperseded(owner, this.#worker)) return true;
    // A damaged claim, or one of a newer version, says nothing about its owner: it has to stand still.
    if (owner === undefined && (await this.#objectStore.head(claim.key)) === undefined) return true;
    const nowMillis = this.#clock.monotonicMillis();
    const seen = this.#seen.get(claim.key);
    if (seen?.etag !== claim.etag) {
      this.#seen.set(claim.key, { etag: claim.etag, sinceMillis: nowMillis });
      return false;
    }
    return nowMillis - seen.sinceMillis >= CLAIM_EXPIRY_MILLIS;
  }

  #hold(unit: string, epoch: number, first: ClaimRecord): Claim {
    const stop = new AbortController();
    const lost = new AbortController();
    const renewing = this.#renew({ unit, epoch, first, stop: stop.signal, lost });
    return {
      unit,
      lost: lost.signal,
      finish: async () => {
        stop.abort();
        await renewing;
      },
      release: async () => {
        stop.abort();
        const last = await renewing;
        await this.#objectStore.put(
          jobKeys.claim(this.#jobId, unit, epoch),
          encodeJson({ ...last, released: true }),
        );
      },
    };
  }

  async #renew(claim: {
    unit: string;
    epoch: number;
    first: ClaimRecord;
    stop: AbortSignal;
    lost: AbortController;
  }): Promise<ClaimRecord> {
    let record = claim.first;
    for (;;) {
      await this.#clock.sleep(CLAIM_RENEW_MILLIS, claim.stop);
      if (claim.stop.aborted || claim.lost.signal.aborted) return record;
      record = { ...record, beat: record.beat + 1 };
      await this.#beat(claim, record);
    }
  }

  async #beat(
    claim: { unit: string; epoch: number; lost: AbortController },
    record: ClaimRecord,
  ): Promise<void> {
    try {
      const next = jobKeys.claim(this.#jobId, claim.unit, claim.epoch + 1);
      if ((await this.#objectStore.head(next)) !== undefined) claim.lost.abort();
      else {
        const key = jobKeys.claim(this.#jobId, claim.unit, claim.epoch);
        await this.#objectStore.put(key, encodeJson(record));
      }
    } catch {
      // A missed renewal costs at most a takeover; the next beat tries again.
    }
  }
}
