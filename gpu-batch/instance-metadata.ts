import * as z from 'zod';
import type { WorkerHost } from '#core/jobs/attempt-record.ts';

/** What the instance says about its own end. */
export interface SpotNotice {
  readonly action: string;
  /** When it goes, milliseconds since 1970; undefined where the notice names no readable time. */
  readonly atEpochMillis: number | undefined;
}

export interface InstanceMetadataOptions {
  /** `http://169.254.169.254` on EC2. */
  readonly url: string;
  /** Never goes backwards; ages the token. */
  readonly monotonicMillis: () => number;
  /**
   * Longest wait for one answer, in milliseconds. From a container whose instance allows one hop only,
   * no answer ever comes.
   *
   * @default 1000
   */
  readonly timeoutMillis?: number;
  /**
   * Life of a token, in seconds: 1 to 21,600. It is renewed at half of it.
   *
   * @default 21600
   */
  readonly tokenSeconds?: number;
}

const noticeSchema = z.object({ action: z.string(), time: z.string().optional() });
const identitySchema = z.object({
  instanceId: z.string(),
  instanceType: z.string(),
  pendingTime: z.iso.datetime(),
});
const rebalanceSchema = z.object({ noticeTime: z.string() });

/**
 * The instance metadata service of EC2, version 2. Each question has three answers: yes, no (404) and
 * `unknown` (no token, no answer, or one that makes no sense); it never throws.
 */
export class InstanceMetadata {
  readonly #url: string;
  readonly #monotonicMillis: () => number;
  readonly #timeoutMillis: number;
  readonly #tokenSeconds: number;
  #token: { readonly value: string; readonly renewAtMillis: number } | undefined;

  constructor(options: InstanceMetadataOptions) {
    this.#url = options.url.replace(/\/+$/, '');
    this.#monotonicMillis = options.monotonicMillis;
    this.#timeoutMillis = options.timeoutMillis ?? 1_000;
    this.#tokenSeconds = options.tokenSeconds ?? 21_600;
  }

  async spotNotice(): Promise<SpotNotice | 'none' | 'unknown'> {
    const notice = await this.#ask('/latest/meta-data/spot/instance-action', noticeSchema);
    if (typeof notice === 'string') return notice;
    const atEpochMillis = Date.parse(notice.time ?? '');
    const isReadable = Number.isFinite(atEpochMillis);
    return { action: notice.action, atEpochMillis: isReadable ? atEpochMillis : undefined };
  }

  /** When EC2 said that this instance is at greater risk, as it wrote it. */
  async rebalance(): Promise<string | 'none' | 'unknown'> {
    const path = '/latest/meta-data/events/recommendations/rebalance';
    const answer = await this.#ask(path, rebalanceSchema);
    return typeof answer === 'string' ? answer : answer.noticeTime;
  }

  /** The instance itself, for the books; undefined where it cannot be asked. */
  async host(): Promise<WorkerHost | undefined> {
    const identity = await this.#ask('/latest/dynamic/instance-identity/document', identitySchema);
    if (typeof identity === 'string') return undefined;
    const { instanceId, instanceType, pendingTime: launchedAt } = identity;
    return { instanceId, instanceType, launchedAt };
  }

  async #ask<T extends object>(
    path: string,
    schema: z.ZodType<T>,
  ): Promise<T | 'none' | 'unknown'> {
    try {
      let response = await this.#get(path);
      if (response?.status === 401) {
        // The token is not known there any more, as after a hibernation.
        this.#token = undefined;
        response = await this.#get(path);
      }
      if (response?.status === 404) return 'none';
      if (response?.status !== 200) return 'unknown';
      const parsed = schema.safeParse(JSON.parse(await response.text()));
      return parsed.success ? parsed.data : 'unknown';
    } catch {
      return 'unknown';
    }
  }

  async #get(path: string): Promise<Response | undefined> {
    const token = await this.#freshToken();
    if (token === undefined) return undefined;
    return await this.#fetch(path, { headers: { 'x-aws-ec2-metadata-token': token } });
  }

  async #freshToken(): Promise<string | undefined> {
    const nowMillis = this.#monotonicMillis();
    if (this.#token !== undefined && nowMillis < this.#token.renewAtMillis) {
      return this.#token.value;
    }
    const seconds = this.#tokenSeconds;
    const response = await this.#fetch('/latest/api/token', {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) },
    });
    if (response.status !== 200) return undefined;
    const value = (await response.text()).trim();
    this.#token = { value, renewAtMillis: nowMillis + (seconds * 1_000) / 2 };
    return value;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const signal = AbortSignal.timeout(this.#timeoutMillis);
    return await fetch(this.#url + path, { ...init, signal, redirect: 'error' });
  }
}
