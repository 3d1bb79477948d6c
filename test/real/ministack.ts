import { join } from 'node:path';
import type { Service } from './part.ts';
import { pythonEnvironment } from './python.ts';
import { freePort, startService } from './service.ts';

/** Installs ministack if need be and starts it on a free port. Throws Missing, or an Error with what it printed. */
export async function startMinistack(): Promise<Service & { url: string }> {
  const bin = pythonEnvironment(['3.13', '3.12', '3.11'], 'test/real/ministack-requirements.txt');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = await startService({
    name: 'ministack 1.5.33',
    command: join(bin, 'ministack'),
    arguments: [],
    environment: { GATEWAY_PORT: String(port), EDGE_PORT: String(port), MINISTACK_HOST: 'localhost' },
    isReady: async () => (await fetch(`${url}/_ministack/health`)).ok,
  });
  return { url, ...service };
}
