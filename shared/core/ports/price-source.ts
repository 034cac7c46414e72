/** Where today's prices come from. Needs no account of its own to answer, but its credentials. */
export interface PriceSource {
  /** Products of the price list that pass every filter, each as the JSON text that AWS sends. */
  products(query: ProductQuery): Promise<readonly string[]>;
  /** What spot instances of these types cost now, one entry per type and zone. */
  spotPrices(query: {
    readonly region: string;
    readonly instanceTypes: readonly string[];
  }): Promise<readonly SpotQuote[]>;
}

export interface ProductQuery {
  readonly serviceCode: string;
  /** Attribute and value, all of which must be equal. */
  readonly filters: Readonly<Record<string, string>>;
}

export interface SpotQuote {
  readonly instanceType: string;
  readonly zone: string;
  readonly usd: string;
  /** When that price began, ISO 8601. */
  readonly since: string;
}
