import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';

/** Where nobody can be asked and nothing was said, it is a usage error: a script must say what it wants. */
export function demandConsent(command: Command, { yes = false, dryRun = false }: { yes?: boolean; dryRun?: boolean }) {
  if (yes || dryRun || process.stdin.isTTY) return;
  command.error('error: there is no terminal to ask at: say --yes to go on without being asked, or --dry-run to look');
}

/** Asks a person, on stderr. */
export async function askPerson(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // In a line that is being typed, Ctrl-C is a key; it means the same as anywhere else.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return (await lines.question(question, { signal })).trim();
  } catch (cause) {
    throw signal.aborted ? new Error('Nothing was changed.', { cause }) : cause;
  } finally {
    lines.close();
  }
}
