/** Makes URLs that let a holder read one object without a key of his own, for a limited time. */
export interface ObjectLinks {
  /** A URL for GET that stops working after `validSeconds`. */
  linkTo(key: string, options: { readonly validSeconds: number }): Promise<string>;
}
