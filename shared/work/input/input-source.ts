/** One object of a job's input, before it is pinned. */
export interface InputSource {
  readonly key: string;
  /** As the user knows it. */
  readonly name: string;
  /** Wanted version; without it the one that is there now. */
  readonly version?: string;
}
