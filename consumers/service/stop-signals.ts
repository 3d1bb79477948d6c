const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Calls `stop` at the first SIGTERM or SIGINT. The second ends the process at once, as Node does by itself. */
export function stopOnSignals(stop: () => void): () => void {
  const heard = () => {
    forget();
    stop();
  };
  const forget = () => {
    for (const signal of SIGNALS) process.off(signal, heard);
  };
  for (const signal of SIGNALS) process.on(signal, heard);
  return forget;
}
