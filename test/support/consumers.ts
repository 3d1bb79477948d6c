import { portVariable } from '../../contracts/environment/known.ts';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import { logicalId } from '../../localstack/infrastructure/template/values.ts';

/** The names of all consumers as the template has them: `Display` for display. */
export const consumerIds: readonly string[] = consumerNames.map(logicalId);

/** `DOORBELL_SOURCE_TOKENS` with a digest for every consumer: those that are given, and `other` for the rest. */
export function sourceTokensOf(given: Record<string, string> = {}, other = 'a'.repeat(64)): string {
  return consumerNames.map((name) => `${name}=${given[name] ?? other}`).join(',');
}

/** What is set for every consumer: `{ DOORBELL_DISPLAY_PORT: '0' }` and so on, for ports that the machine chooses. */
export const anyPorts: Record<string, string> = Object.fromEntries(
  consumerNames.map((name) => [portVariable(name), '0']),
);
