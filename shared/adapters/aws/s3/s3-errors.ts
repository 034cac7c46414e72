import { SwitchyardError } from '#core/switchyard-error.ts';

/** HTTP status of an answer of S3 that the SDK threw, or undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return metadataOf(error)?.httpStatusCode;
}

/**
 * Whether S3 may have done what it was asked although the call failed: an earlier try of the same
 * call got no answer, or one that proves nothing (5xx).
 */
export function mayHaveHappened(error: unknown): boolean {
  return (metadataOf(error)?.attempts ?? 1) > 1;
}

/** True for an absent object, false for an absent bucket, which is a mistake in the settings. */
export function isAbsentObject(error: unknown): boolean {
  return statusOf(error) === 404 && !(error instanceof Error && error.name === 'NoSuchBucket');
}

export function objectNotFound(): SwitchyardError {
  return new SwitchyardError('object_not_found', 'There is no object of this key.');
}

export function objectChanged(cause?: unknown): SwitchyardError {
  return new SwitchyardError(
    'object_changed',
    'The object is not in that version any more: it was replaced or removed. Submit it again.',
    { cause },
  );
}

function metadataOf(error: unknown): { httpStatusCode?: number; attempts?: number } | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) {
    return undefined;
  }
  const metadata = error.$metadata;
  return typeof metadata === 'object' && metadata !== null ? metadata : undefined;
}
