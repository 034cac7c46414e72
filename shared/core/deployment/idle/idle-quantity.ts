/** So much of one priced thing in a month in which nobody calls. */
export interface IdleQuantity {
  readonly what: string;
  readonly service: string;
  readonly dimension: string;
  /** In the unit of the price. */
  readonly amount: number;
  /** The setting of the deployment that changes it; undefined for what every deployment has. */
  readonly setting: string | undefined;
  /** How the amount was come by. */
  readonly basis: string;
}
