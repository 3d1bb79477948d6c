import { parts } from './all.ts';
import { readConfig } from './config.ts';
import { createLog, logConsole, writeJsonLine } from './log.ts';
import { systemClock } from './runtime/system.ts';
import { startPart } from './wire.ts';

/**
 * Runs one consumer as a process, until SIGTERM or Ctrl-C. Exits with 1 if it could not finish the messages in hand.
 */
async function main(): Promise<void> {
  const { consumer: name, config } = readConfig(process.env);
  logConsole(createLog(name, systemClock, writeJsonLine));
  const part = parts.find(({ consumer }) => consumer.agreement.name === name);
  if (part === undefined) throw new Error(`DOORBELL_CONSUMER: there is no consumer "${name}"; use one of ${known()}`);
  const running = await startPart(part, config, {});
  // Calls without an answer would keep the process for minutes.
  if (!(await running.stopped)) process.exit(1);
}

const known = () => parts.map(({ consumer }) => consumer.agreement.name).join(', ');

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
