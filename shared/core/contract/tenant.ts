import * as z from 'zod';

/** Whose everything is where nothing tells callers apart, and whose the drop zone `inbox/` is. */
export const DEFAULT_TENANT = 'local';

/** Whose jobs a caller sees; one segment of object keys. */
export const tenantSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/, '1–64 letters, digits, "-", "_" and "."');
