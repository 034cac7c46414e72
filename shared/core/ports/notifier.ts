/** Delivers messages to receivers that users named. */
export interface Notifier {
  /**
   * One try of one POST; redirects are not followed. Never throws for what the receiver, the
   * network or the address did: the outcome says it, and that a later try is pointless.
   */
  post(message: Notification): Promise<NotificationOutcome>;
}

export interface Notification {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export type NotificationOutcome =
  | { readonly delivered: true }
  | {
      readonly delivered: false;
      /** Without anything the receiver said. */
      readonly reason: string;
      /** True where the address may not be called, or the receiver is gone for good. */
      readonly isFinal: boolean;
    };
