import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/**
 * What a call of AWS failed of, in words that say what to do; undefined for what is no error of AWS.
 * The SDK's own messages name classes and files that users never saw.
 */
export function explainAwsFailure(error: unknown): CliError | undefined {
  if (!(error instanceof Error)) return undefined;
  const known = explanations.find(({ matches }) => matches(error));
  if (known === undefined) return undefined;
  const { exitCode, code, detail, remedy } = known;
  return new CliError(exitCode, code, detail(error), { remedy, cause: error });
}

interface Explanation {
  readonly matches: (error: Error) => boolean;
  readonly exitCode: (typeof exitCodes)['usage' | 'refused' | 'unreachable'];
  readonly code: string;
  readonly detail: (error: Error) => string;
  readonly remedy: string;
}

const named =
  (...names: readonly string[]) =>
  (error: Error): boolean =>
    names.includes(error.name);

const explanations: readonly Explanation[] = [
  {
    matches: named('CredentialsProviderError', 'TokenProviderError'),
    exitCode: exitCodes.usage,
    code: 'no_aws_credentials',
    detail: () => 'there are no AWS credentials here',
    remedy:
      'Log in ("aws sso login") and set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and its secret.',
  },
  {
    matches: named(
      'ExpiredToken',
      'ExpiredTokenException',
      'RequestExpired',
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'InvalidAccessKeyId',
      'SignatureDoesNotMatch',
    ),
    exitCode: exitCodes.usage,
    code: 'bad_aws_credentials',
    detail: ({ name }) => `AWS does not accept the credentials (${name})`,
    remedy: 'Log in again; check AWS_PROFILE, and the clock of this machine.',
  },
  {
    matches: named('AccessDenied', 'AccessDeniedException', 'UnauthorizedException'),
    exitCode: exitCodes.refused,
    code: 'aws_access_denied',
    // Names the action and the resource, which is what an administrator needs.
    detail: ({ message }) => `these AWS credentials may not do that: ${message}`,
    remedy: 'Use a profile that may, or have the action allowed.',
  },
  {
    matches: (error) =>
      'code' in error && ['ENOTFOUND', 'ECONNREFUSED', 'EAI_AGAIN'].includes(String(error.code)),
    exitCode: exitCodes.unreachable,
    code: 'aws_unreachable',
    detail: ({ message }) => `AWS cannot be reached (${message})`,
    remedy: 'Check the network, the region, and AWS_ENDPOINT_URL where it is set.',
  },
];
