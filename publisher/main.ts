import { readConfig } from './config.ts';
import { logConsole, logLine, type PublisherEvent } from './log.ts';
import { startPublisher } from './wire.ts';

/**
 * Runs the publisher as a process: API and relay, until SIGTERM or Ctrl-C. Exits with 1 if it could not go on, or not
 * end in time.
 */
async function main(): Promise<void> {
  logConsole(log);
  // Before any waiting: process 1 of a container gets no signal that it does not listen to.
  const stopped = signalled();
  const publisher = await startPublisher(readConfig(process.env), { onRelay: log, onError: logError });
  log({ kind: 'listening', port: publisher.listening.port });
  // A relay that gives up ends the process: a publisher that rings no consumer must not look alive.
  await Promise.race([publisher.relay, stopped]).catch(fail);
  if (await publisher.stop()) return;
  process.stderr.write('Stopped before everything had ended: the database or SNS did not answer in time.\n');
  // Calls without an answer would keep the process for minutes.
  process.exit(1);
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

function fail(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

main().catch(fail);
