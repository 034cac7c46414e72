/** Lets a holder put one new object into the data bucket without a key of his own, for a limited time. */
export interface UploadLinks {
  /**
   * A place that nobody else was given and cannot guess; with a SHA-256 the place of that content, which
   * takes nothing else. The link takes exactly `sizeBytes`, writes over nothing and stops working after
   * `validSeconds`.
   */
  open(upload: {
    readonly tenant: string;
    /** One segment of a key. */
    readonly filename: string;
    readonly sizeBytes: number;
    /** Hexadecimal. @default - not checked */
    readonly sha256?: string | undefined;
    readonly validSeconds: number;
  }): Promise<UploadLink>;
}

export interface UploadLink {
  /** `bucket/uploads/…`. */
  readonly key: string;
  /** For PUT. */
  readonly url: string;
  /** Signed with the link: other values, or none, are refused. */
  readonly headers: Readonly<Record<string, string>>;
}
