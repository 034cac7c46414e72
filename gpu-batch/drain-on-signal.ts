/**
 * Calls back when somebody asks the worker to leave: SIGTERM or SIGINT, or, where a local server
 * started it, the server's death, which closes the channel between them. May call more than once.
 */
export function listenForSignals(onSignal: (cause: string) => void): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => onSignal(signal));
  process.on('disconnect', () => onSignal('server_gone'));
  // The server may have died before this line ran.
  if (process.send !== undefined && !process.connected) onSignal('server_gone');
}
