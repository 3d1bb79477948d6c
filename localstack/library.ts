import type { StartOptions } from '../consumers/service/options.ts';
import type { RunningConsumer } from '../consumers/service/start-consumer.ts';

export { defineConsumer } from '../consumers/runtime/define-consumer.ts';
export { defineAgreement } from '../contracts/wire/agreement.ts';
export { createOutbox } from '../publisher/outbox/outbox.ts';
export { sourceRoutes } from '../publisher/source-api/routes.ts';

/**
 * Starts a consumer as `doorbell/start-consumer` does. Its code is loaded at the first call: undici and prom-client take
 * as long to load as everything else together, and a publisher needs neither.
 */
export async function startConsumer<Resource, View>(options: StartOptions<Resource, View>): Promise<RunningConsumer> {
  const service = await import('../consumers/service/start-consumer.ts');
  return service.startConsumer(options);
}
