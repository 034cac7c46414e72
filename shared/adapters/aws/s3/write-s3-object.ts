import { randomUUID } from 'node:crypto';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { waitFullJitter } from './full-jitter.ts';
import type { S3Access, S3Location } from './s3-access.ts';
import { isAbsentObject, mayHaveHappened, statusOf } from './s3-errors.ts';

/** Conflicts (409) in a row before giving up: about 20 s with full jitter. */
const maxRounds = 10;

/** User metadata that tells our own write from everybody else's, even one of the same bytes. */
const tokenName = 'switchyard-write';

/** Writes unless an object is there, in one request. Of any number of racers one gets `true`. */
export async function putS3ObjectIfAbsent(
  access: S3Access,
  key: string,
  body: Uint8Array,
): Promise<boolean> {
  const location = access.locate(key);
  const requests = await access.requests();
  return await writeIfAbsent(access, location, async (marking) => {
    await requests.put({ ...location, ...marking, Body: body, IfNoneMatch: '*' });
  });
}

/** What every conditional write carries. */
export interface WriteMarking {
  readonly Metadata: Readonly<Record<string, string>>;
}

/**
 * Runs a conditional write until it is decided. 409 (another writer is at it this moment) is tried
 * again. 412 means that an object is there; when an earlier try of ours may have put it there (its
 * answer was lost), the object's token decides whether it is ours. A token and not the bytes: two
 * racers may write the same bytes, and only one of them may win.
 */
export async function writeIfAbsent(
  access: S3Access,
  location: S3Location,
  write: (marking: WriteMarking) => Promise<void>,
): Promise<boolean> {
  const token = randomUUID();
  let isAmbiguous = false;
  for (let round = 1; round <= maxRounds; round++) {
    try {
      await write({ Metadata: { [tokenName]: token } });
      return true;
    } catch (error) {
      isAmbiguous ||= mayHaveHappened(error);
      const verdict = await verdictOf(access, { error, location, token, isAmbiguous });
      if (verdict !== 'undecided') {
        return verdict === 'ours';
      }
    }
    await waitFullJitter(round);
  }
  throw new SwitchyardError(
    'overloaded',
    `A conditional write met another writer ${maxRounds} times in a row. Try again later.`,
  );
}

async function verdictOf(
  access: S3Access,
  refused: { error: unknown; location: S3Location; token: string; isAmbiguous: boolean },
): Promise<'ours' | 'theirs' | 'undecided'> {
  const { error, location, token, isAmbiguous } = refused;
  const status = statusOf(error);
  if (status === 409) {
    return 'undecided';
  }
  // A multipart upload that a lost try completed is unknown (404) to the next try.
  const isRefused = status === 412 || (status === 404 && isAmbiguous && isAbsentObject(error));
  if (!isRefused) {
    throw error;
  }
  if (!isAmbiguous) {
    return 'theirs';
  }
  const stored = await tokenAt(access, location);
  if (stored === 'absent') {
    return 'undecided';
  }
  return stored === token ? 'ours' : 'theirs';
}

/** The token of the object that is there, 'absent' where it was removed since. */
async function tokenAt(access: S3Access, location: S3Location): Promise<string | undefined> {
  const requests = await access.requests();
  try {
    const output = await requests.head(location);
    return output.Metadata?.[tokenName];
  } catch (error) {
    if (isAbsentObject(error)) {
      return 'absent';
    }
    throw error;
  }
}
