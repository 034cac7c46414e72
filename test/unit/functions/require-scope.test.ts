import assert from 'node:assert/strict';
import test from 'node:test';
import { createPredictBatchHandler } from '../../../functions/inference/predict-batch.ts';
import { asResult, lambdaContextOf, restEvent } from './aws/rest-events.ts';
import { bodyOf, handlerHarness } from './handler-harness.ts';

const body = { texts: ['a film'], lane: 'cpu-fleet' };

test('a key for predictions alone starts no job', async (t) => {
  const { deps, jobs } = await handlerHarness(t);
  const handler = createPredictBatchHandler(deps);
  const call = async (scopes: string | undefined) => {
    const event = restEvent({ method: 'POST', resource: '/predict/batch', body });
    const authorizer = scopes === undefined ? {} : { tenant: 'acme', scopes };
    const requestContext = { ...event.requestContext, authorizer };
    return asResult(
      await handler(
        { ...event, requestContext } as unknown as Parameters<typeof handler>[0],
        lambdaContextOf(),
      ),
    );
  };

  const refused = await call('predict');
  assert.equal(refused.statusCode, 403);
  assert.equal(bodyOf(refused).code, 'forbidden');
  assert.equal(jobs.created.length, 0);
  // Without an authorizer nobody told what the caller may do.
  for (const scopes of ['predict jobs', 'admin', undefined]) {
    assert.equal((await call(scopes)).statusCode, 202, scopes);
  }
  assert.equal(jobs.created[0]?.tenant, 'acme');
});
