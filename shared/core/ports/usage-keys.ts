/** The keys that a gateway counts calls by, each on one plan of rate and quota. */
export interface UsageKeys {
  /** Makes a key of that value and puts it on the plan; gives its id. */
  add(key: {
    /** What the authorizer names; 20–128 characters. */
    readonly value: string;
    /** Shown in the console of the gateway. */
    readonly name: string;
    readonly plan: string;
  }): Promise<string>;
  /** Takes the key away; no error where it is gone. */
  remove(id: string): Promise<void>;
}
