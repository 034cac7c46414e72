import type { JsonSchema } from './json-schemas.ts';

/** A reference to a component of the document. */
interface Reference {
  readonly $ref: string;
}

/** A response as OpenAPI has it, of what this document uses. */
export interface ResponseObject {
  readonly description: string;
  /** @default {} */
  readonly headers?: Readonly<Record<string, Reference>>;
  /** By media type; absent where there is no body. */
  readonly content?: Readonly<Record<string, MediaTypeObject>>;
}

export interface MediaTypeObject {
  readonly schema: JsonSchema;
  /** @default - none */
  readonly example?: unknown;
  /** @default - none */
  readonly examples?: Readonly<Record<string, Reference>>;
}
