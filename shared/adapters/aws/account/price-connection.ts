/** How the price list and EC2 are reached. */
export interface PriceConnectionOptions {
  /**
   * Base URL of another implementation, for both.
   *
   * @default - AWS
   */
  readonly endpoint?: string;
  /**
   * Key and secret.
   *
   * @default - the SDK's usual places: environment, profile, role
   */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}
