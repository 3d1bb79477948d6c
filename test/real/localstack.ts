import { join } from 'node:path';
import type { Service } from './part.ts';
import { pythonEnvironment } from './python.ts';
import { freePort, startService } from './service.ts';

/** 4.14.0: the last version that asks for no account token; in host mode it needs no Docker. */
const VERSION = '4.14.0';

/** Installs LocalStack if need be and starts it on a free port. Throws Missing, or an Error with what it printed. */
export async function startLocalStack(): Promise<Service & { url: string }> {
  const bin = pythonEnvironment(['3.13'], 'test/real/localstack-requirements.txt');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = await startService({
    name: `LocalStack ${VERSION}`,
    command: join(bin, 'python'),
    arguments: ['-m', 'localstack.runtime.main'],
    environment: {
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      LOCALSTACK_HOST: `localhost:${port}`,
      SQS_ENDPOINT_STRATEGY: 'path',
      SERVICES: 'sqs,sns,cloudformation,iam,sts,kms,cloudwatch',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      DNS_ADDRESS: '0',
    },
    async isReady() {
      const { version } = (await (await fetch(`${url}/_localstack/health`)).json()) as { version?: string };
      return version === VERSION;
    },
  });
  return { url, ...service };
}
