import { join } from 'node:path';
import { createLambdaFunctionInvoker } from '#adapters/aws/lambda/lambda-function-invoker.ts';
import { describeFunctionInvoker } from '../contract/function-invoker.contract.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { createFunction } from '../fixtures/aws/create-function.ts';
import { s3Endpoint } from '../fixtures/aws/open-buckets.ts';

const source = join(import.meta.dirname, '../fixtures/functions/obedient-function.ts');

describeFunctionInvoker({
  name: 'the Lambda function invoker',
  async open(context) {
    const invoker = createLambdaFunctionInvoker({ endpoint: s3Endpoint(), maxAttempts: 1 });
    context.after(() => invoker.close());
    const name = await createFunction(context, source);
    return { invoker, name, folder: await temporaryFolder(context) };
  },
});
