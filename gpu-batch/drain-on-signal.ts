/**
 * Fires when the worker should leave: SIGTERM or SIGINT, or, where a local server started it, the
 * server's death, which closes the channel between them.
 */
export function listenForDrain(): AbortSignal {
  const drain = new AbortController();
  const start = () => drain.abort();
  process.on('SIGTERM', start);
  process.on('SIGINT', start);
  process.on('disconnect', start);
  // The server may have died before this line ran.
  if (process.send !== undefined && !process.connected) start();
  return drain.signal;
}
