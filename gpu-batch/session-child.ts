// The process that runs the model for one worker. It blocks while it computes, so it does nothing
// else: signals, claims and commits are its supervisor's. It ends when the supervisor is gone.

import { openBulkModel } from '#inference/bulk-model.ts';
import { serveSession } from './serve-session.ts';

serveSession(openBulkModel);
