import { type LookupAddress, type LookupOptions, lookup } from 'node:dns';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { Notification, NotificationOutcome, Notifier } from '#core/ports/notifier.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { isLoopbackAddress, isPublicAddress } from './address-ranges.ts';

export interface HttpNotifierOptions {
  /** True for a server that listens on this machine only: its users may name their own receivers. */
  readonly allowsLoopback: boolean;
  /**
   * Longest wait for the status of an answer, in milliseconds.
   *
   * @default 10000
   */
  readonly timeoutMillis?: number;
}

const defaults = { timeoutMillis: 10_000 } as const;

/**
 * POSTs over http and https. The address is checked at the moment of connecting, so a name that
 * changes its mind reaches nothing private; plain http reaches this machine only. Redirects count as
 * failures: they would lead to addresses that nobody checked.
 */
export function createHttpNotifier(options: HttpNotifierOptions): Notifier {
  const settings = { ...defaults, ...options };
  return { post: (message) => post(message, settings) };
}

type Settings = Required<HttpNotifierOptions>;

function post(message: Notification, settings: Settings): Promise<NotificationOutcome> {
  const url = URL.parse(message.url);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    return Promise.resolve(refused('the address is no URL of http or https'));
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const mayReach = (address: string) => isReachable(address, url.protocol, settings);
  // A literal address is never looked up.
  if (isIP(host) !== 0 && !mayReach(host)) return Promise.resolve(refused(notReachable));
  const { promise, resolve } = Promise.withResolvers<NotificationOutcome>();
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const signal = AbortSignal.timeout(settings.timeoutMillis);
  const request = start(url, {
    method: 'POST',
    headers: { ...message.headers, 'content-length': String(message.body.length) },
    lookup: (hostname, lookupOptions, callback) =>
      lookupReachable(hostname, { ...lookupOptions, mayReach }, callback),
    agent: false,
    signal,
  });
  listen(request, { resolve, signal });
  request.end(message.body);
  return promise;
}

function listen(
  request: ClientRequest,
  to: { readonly resolve: (outcome: NotificationOutcome) => void; readonly signal: AbortSignal },
): void {
  request.once('response', (response) => {
    const status = response.statusCode ?? 0;
    to.resolve(outcomeOf(status));
    // What it says is not read.
    response.destroy();
  });
  request.on('error', (error: NodeJS.ErrnoException) => {
    if (error instanceof SwitchyardError) to.resolve(refused(error.detail));
    else if (to.signal.aborted) to.resolve(failed('no answer in time'));
    else to.resolve(failed(`no answer (${error.code ?? 'connection failed'})`));
  });
}

function outcomeOf(status: number): NotificationOutcome {
  if (status >= 200 && status < 300) return { delivered: true };
  // 410: the receiver is gone for good and says so.
  return { delivered: false, reason: `answered ${status}`, isFinal: status === 410 };
}

const notReachable = 'the address is not one that may be called';

function isReachable(address: string, protocol: string, settings: Settings): boolean {
  if (isLoopbackAddress(address)) return settings.allowsLoopback;
  return protocol === 'https:' && isPublicAddress(address);
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

function lookupReachable(
  hostname: string,
  options: LookupOptions & { readonly mayReach: (address: string) => boolean },
  callback: LookupCallback,
): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, []);
    const [first, ...others] = addresses;
    if (
      first === undefined ||
      ![first, ...others].every(({ address }) => options.mayReach(address))
    ) {
      return callback(new SwitchyardError('forbidden', notReachable), []);
    }
    if (options.all === true) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
}

function refused(reason: string): NotificationOutcome {
  return { delivered: false, reason, isFinal: true };
}

function failed(reason: string): NotificationOutcome {
  return { delivered: false, reason, isFinal: false };
}
