import { join } from 'node:path';

/** The project's root, for the files that packages are made from. */
export const projectFolder = join(import.meta.dirname, '../..');
