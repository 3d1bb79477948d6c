import { readConfig } from './config.ts';
import { logConsole, logLine, type PublisherEvent } from './log.ts';
import { startPublisher } from './wire.ts';

/** The publisher as a process: API and relay, until SIGTERM or Ctrl-C. */
async function main(): Promise<void> {
  logConsole(log);
  const publisher = await startPublisher(readConfig(process.env), { onRelay: log, onError: logError });
  log({ kind: 'listening', port: publisher.listening.port });
  // A relay that gives up ends the process: a publisher that rings nobody must not look alive.
  await Promise.race([publisher.relay, signalled()]).finally(publisher.stop);
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}

function log(event: PublisherEvent): void {
  const line = logLine(event);
  if (line !== null) process.stdout.write(`${line}\n`);
}

function logError(error: Error): void {
  log({ kind: 'error', name: error.name, message: error.message });
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
