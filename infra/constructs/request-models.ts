import {
  type IRestApi,
  Model,
  type RequestValidator,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import * as z from 'zod';
import { defaultLimits } from '#core/contract/limits.ts';
import { requestBodySchemas } from '#core/contract/request-bodies.ts';
import type { Operation } from '#core/contract/routes.ts';

/** Bodies that are JSON whatever happens; a route that takes binary tensors may have no model. */
const bodySchemas = requestBodySchemas(defaultLimits);

export interface BodyCheck {
  readonly requestModels: Readonly<Record<string, Model>>;
  readonly requestValidator: RequestValidator;
}

/**
 * Checks of bodies at the edge: a body that breaks them costs no call of a function. They are coarse;
 * the handlers check everything once more and say what is wrong.
 */
export function addBodyChecks(api: RestApi): (operation: Operation) => BodyCheck | undefined {
  const requestValidator = api.addRequestValidator('RequestValidator', {
    validateRequestBody: true,
    validateRequestParameters: true,
  });
  const models = new Map(
    Object.entries(bodySchemas).map(([operation, schema]) => [
      operation,
      new Model(api, `${operation}Body`, {
        restApi: api as IRestApi,
        contentType: 'application/json',
        description: `Body of ${operation}, made from the contract`,
        schema: edgeSchema(schema),
      }),
    ]),
  );
  return (operation) => {
    const model = models.get(operation);
    if (model === undefined) return undefined;
    return { requestModels: { 'application/json': model }, requestValidator };
  };
}

/** API Gateway reads draft 4. What a schema cannot say (refinements) is left to the handlers. */
function edgeSchema(schema: z.ZodType): object {
  const { $schema: _, ...body } = z.toJSONSchema(schema, {
    target: 'draft-04',
    io: 'input',
    unrepresentable: 'any',
  });
  return withoutNotes(body) as object;
}

/** API Gateway refuses some of them. */
const notes = new Set(['default', 'description']);

/** What annotates and checks nothing is left out; a field may have its name. */
function withoutNotes(value: unknown, { isFieldList = false } = {}): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutNotes(each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isFieldList || !notes.has(key))
      .map(([key, member]) => [
        key,
        withoutNotes(member, { isFieldList: !isFieldList && key === 'properties' }),
      ]),
  );
}
