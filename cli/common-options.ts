import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ServiceClient } from './service/service-client.ts';

/** Options of every command that talks to a service. */
export interface ServiceOptions {
  readonly url: string;
  /** @default - a server on one machine, which needs none */
  readonly key?: string;
  readonly json: boolean;
}

export function addServiceOptions(command: Command): Command {
  return addJsonOption(command)
    .addOption(
      new Option('--url <url>', 'address of the service')
        .env('SWITCHYARD_URL')
        .default('http://127.0.0.1:8080')
        .argParser(parseServiceUrl),
    )
    .addOption(
      // The environment is the better place: an option is seen by every user of the machine.
      new Option('--key <key>', 'key of a deployment').env('SWITCHYARD_KEY'),
    );
}

export function addJsonOption(command: Command): Command {
  return command.option('--json', 'print JSON only', false);
}

/** Opens the client late: what it needs to check answers would double the time of --help. */
export async function connect({ url, key }: ServiceOptions): Promise<ServiceClient> {
  const { createServiceClient } = await import('./service/service-client.ts');
  return createServiceClient(url, { key });
}

/** Parses a whole number of a range; for options. */
export function wholeNumber(range: { readonly least: number; readonly most: number }) {
  return (text: string): number => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= range.least && value <= range.most) return value;
    throw new InvalidArgumentError(
      `It must be a whole number from ${range.least} to ${range.most}.`,
    );
  };
}

const secondsOfUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const MAX_DEADLINE_MILLIS = 604_800_000;

/** Parses a time from now; milliseconds. */
export function parseDeadline(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,6})([smhd])$/.exec(text.trim()) ?? [];
  const millis = Number(number) * (secondsOfUnit[unit] ?? 0) * 1_000;
  if (millis > 0 && millis <= MAX_DEADLINE_MILLIS) return millis;
  throw new InvalidArgumentError('It must be a time of up to 7 days, such as 5m, 1h or 24h.');
}

function parseServiceUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('It must be a URL such as http://127.0.0.1:8080.');
  }
  // A path stays: behind API Gateway the service lies below a stage.
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
