/** Headers that requests may have. */
export const parameters = {
  Prefer: {
    name: 'Prefer',
    in: 'header',
    description:
      '`respond-async` allows a job instead of an answer; `route=full` shows every way that was ' +
      'considered (RFC 7240).',
    schema: { type: 'string' },
    example: 'respond-async',
  },
  'Idempotency-Key': {
    name: 'Idempotency-Key',
    in: 'header',
    description:
      '1 to 255 visible ASCII characters; the same key with the same body gives the same job.',
    schema: { type: 'string' },
    example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
  },
} as const;

/** Headers of answers. */
export const headers = {
  'X-Request-Id': {
    description: "The caller's own, where it sent a plain name; also in the log and in problems.",
    schema: { type: 'string' },
  },
  Location: { description: 'Where it is.', schema: { type: 'string' } },
  'Retry-After': {
    description: 'Seconds after which to ask again.',
    schema: { type: 'integer' },
  },
  'Idempotency-Replayed': {
    description: '`true` where the key had made the job before.',
    schema: { type: 'string' },
  },
  'Preference-Applied': {
    description: '`respond-async` where that is why it became a job.',
    schema: { type: 'string' },
  },
  'X-Switchyard-Complete': {
    description: '`false` where more lines will follow.',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
} as const;
