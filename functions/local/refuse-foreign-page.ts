import type { IncomingMessage } from 'node:http';
import { SwitchyardError } from '#core/switchyard-error.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Any web page that a browser on this machine shows can send requests to a local port, and a JSON
 * route reads its body whatever the Content-Type. So a Host that is not this machine (DNS rebinding)
 * and an Origin that is not this machine (a foreign page) are refused. Clients that are no browser
 * send no Origin. Throws `forbidden`.
 */
export function refuseForeignPage({ headers }: IncomingMessage): void {
  const { host, origin } = headers;
  if (host !== undefined && !LOOPBACK.test(host)) {
    throw new SwitchyardError('forbidden', 'this server is reached as localhost or 127.0.0.1 only');
  }
  if (origin !== undefined && !LOOPBACK.test(origin.replace(/^https?:\/\//i, ''))) {
    throw new SwitchyardError('forbidden', 'pages of other origins may not call this server');
  }
}
