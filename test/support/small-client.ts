import { onTestFinished } from 'vitest';
import { createSourceClient, type SourceClient } from '../../consumers/runtime/source/client.ts';
import type { HttpLimits } from '../../consumers/runtime/source/exchange.ts';
import type { OpenHttp } from '../../consumers/runtime/source/http-port.ts';
import { nodeHttp } from '../../consumers/runtime/source/node-http.ts';
import { undiciHttp } from '../../consumers/runtime/source/undici-http.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { smallAgreement } from './small-consumer.ts';

/** Whatever speaks HTTP, each with its name: that of a worker and that of a Lambda function. */
export const transports: [string, OpenHttp][] = [
  ['undici', undiciHttp],
  ['node:http', nodeHttp],
];

/** A client of the smallest agreement that hardly pauses; closed when the test is over. */
export function smallClient(
  url: string,
  limits: Partial<HttpLimits> = {},
  http: OpenHttp = nodeHttp,
): SourceClient<{ name: string }> {
  const client = createSourceClient(smallAgreement, {
    url,
    token: 'secret',
    clock: { ...systemClock, random: () => 0 },
    limits: { firstPause: 1, longestPause: 2, ...limits },
    http,
  });
  onTestFinished(() => client.close());
  return client;
}
