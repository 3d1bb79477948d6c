import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Missing, type Service } from './part.ts';
import { FOLDER } from './python.ts';
import { freePort, startService } from './service.ts';

/** DynamoDB Local 2.6.1, which runs on Java 17; its version is the one of the POM. */
const [POM, JARS] = ['test/real/dynamodb-local-pom.xml', join(FOLDER, 'dynamodb-local-2.6.1')];
const MAIN = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';

/** Installs DynamoDB Local if need be and starts it on a free port, in memory. Throws Missing, or an Error with what it printed. */
export async function startDynamoDbLocal(): Promise<Service & { url: string }> {
  install();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const service = await startService({
    name: 'DynamoDB Local 2.6.1',
    command: 'java',
    arguments: [
      `-Djava.library.path=${JARS}`,
      '-cp',
      join(JARS, '*'),
      MAIN,
      '-inMemory',
      '-sharedDb',
      '-port',
      `${port}`,
    ],
    // It would tell its maker of this run, and note beside our files that it did.
    environment: { DDB_LOCAL_TELEMETRY: '0' },
    // It refuses a request without a signature, which is an answer.
    isReady: async () => (await fetch(url)).status === 400,
  });
  return { url, ...service };
}

/** Brings its jars from Maven's central repository, once. */
function install(): void {
  if (spawnSync('java', ['-version']).status !== 0) throw new Missing('needs Java 17 or newer on the path');
  if (existsSync(JARS)) return;
  const half = `${JARS}.half`;
  rmSync(half, { recursive: true, force: true });
  const to = `-DoutputDirectory=${join(process.cwd(), half)}`;
  const { status, error } = spawnSync('mvn', ['-B', '-q', '-f', POM, 'dependency:copy-dependencies', to], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Missing('needs Maven on the path, and its central repository', { cause: error });
  renameSync(half, JARS);
}
