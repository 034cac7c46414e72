/**
 * What one request, line or job may hold; the same in every lane and on every machine, shown by
 * `GET /limits`. All are settings; these are the defaults.
 */
export interface Limits {
  /**
   * Largest request body. API Gateway takes 10 MB and Lambda 6 MB, but a binary body travels as
   * base64 in a 6 MB event, which leaves 4.5 MB; 4 MiB keeps a margin for headers.
   *
   * @default 4194304
   */
  readonly bodyBytes: number;
  /**
   * Longest text, in UTF-16 units (JavaScript's `length`).
   *
   * @default 5000
   */
  readonly textUnits: number;
  /**
   * Most texts that `POST /predict/batch` answers in the same response.
   *
   * @default 32
   */
  readonly inlineItems: number;
  /**
   * Most items of one request, inline or as a job.
   *
   * @default 10000
   */
  readonly requestItems: number;
  /**
   * Deepest nesting of a JSON body or line.
   *
   * @default 32
   */
  readonly jsonDepth: number;
  /**
   * Longest line of a job's input; a longer one becomes an error row.
   *
   * @default 1048576
   */
  readonly lineBytes: number;
  /**
   * Most files of one job.
   *
   * @default 10000
   */
  readonly jobFiles: number;
  /**
   * Most bytes that a byte of a compressed file may become, once `expandedFreeBytes` are exceeded;
   * text that people wrote stays below 20.
   *
   * @default 250
   */
  readonly expansionRatio: number;
  /**
   * Decompressed bytes of a file that no ratio is asked for.
   *
   * @default 67108864
   */
  readonly expandedFreeBytes: number;
  /**
   * Most results `GET /jobs/{id}/results` carries itself; above it, 303 to a link.
   *
   * @default 4194304
   */
  readonly resultBytes: number;
  /**
   * How long such a link works.
   *
   * @default 900
   */
  readonly linkSeconds: number;
  /**
   * Largest file of `POST /uploads`; S3 takes no more in one request.
   *
   * @default 5368709120
   */
  readonly uploadBytes: number;
}

export const defaultLimits: Limits = {
  bodyBytes: 4_194_304,
  textUnits: 5_000,
  inlineItems: 32,
  requestItems: 10_000,
  jsonDepth: 32,
  lineBytes: 1_048_576,
  jobFiles: 10_000,
  expansionRatio: 250,
  expandedFreeBytes: 67_108_864,
  resultBytes: 4_194_304,
  linkSeconds: 900,
  uploadBytes: 5_368_709_120,
};
