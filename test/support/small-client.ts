import { onTestFinished } from 'vitest';
import type { HttpLimits } from '../../consumers/runtime/http.ts';
import { createSourceClient, type SourceClient } from '../../consumers/runtime/source-client.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { smallAgreement } from './small-consumer.ts';

/** A client of the smallest agreement that hardly pauses; closed when the test is over. */
export function smallClient(url: string, limits: Partial<HttpLimits> = {}): SourceClient<{ name: string }> {
  const client = createSourceClient(smallAgreement, {
    url,
    token: 'secret',
    clock: { ...systemClock, random: () => 0 },
    limits: { firstPause: 1, longestPause: 2, ...limits },
  });
  onTestFinished(() => client.close());
  return client;
}
