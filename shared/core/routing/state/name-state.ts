import { canonicalJson } from '../../formats/canonical-json.ts';
import type { LiveState, UnnamedState } from './live-state.ts';

/**
 * A state with its id, a digest of everything but the time: the same content has the same id wherever
 * and whenever it was put together.
 *
 * @param sha256Of the digest of a text, in hexadecimal digits
 */
export function nameState(content: UnnamedState, sha256Of: (text: string) => string): LiveState {
  const { takenAt: _, ...timeless } = content.router;
  const digest = sha256Of(canonicalJson({ ...content, router: timeless }));
  return { ...content, router: { ...content.router, stateId: `rs-${digest.slice(0, 24)}` } };
}
