import { parseWith } from '#core/contract/parse-with.ts';
import { type UploadView, uploadRequestSchema } from '#core/contract/upload.ts';
import { composeRoute, type Handler } from '../handler.ts';
import type { JobDependencies } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { requestBody } from '../middleware/request-body.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { tenantOf } from '../tenant.ts';

/** `POST /uploads`: where a file of that size may be sent, and what a job then calls it. */
export function createCreateUploadHandler(deps: JobDependencies): Handler {
  const schema = uploadRequestSchema(deps.limits);
  return composeRoute([...standardMiddleware(deps), requestBody(deps.limits)], async (event) => {
    const { filename, bytes, sha256 } = parseWith(schema, event.json);
    const validSeconds = deps.limits.linkSeconds;
    const { key, url, headers } = await deps.uploadLinks.open({
      tenant: tenantOf(event),
      filename,
      sizeBytes: bytes,
      sha256,
      validSeconds,
    });
    const expiresAtMillis = deps.clock.epochMillis() + validSeconds * 1_000;
    const view: UploadView = {
      method: 'PUT',
      url,
      headers,
      expires_at: new Date(expiresAtMillis).toISOString(),
      input: `s3://${deps.bucketName}/${key.slice('bucket/'.length)}`,
    };
    return jsonAnswer(201, view);
  });
}
