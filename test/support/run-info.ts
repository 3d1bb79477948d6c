import { rmSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { openHome, type RunInfo } from '../../localstack/start/home.ts';
import { run } from './dev-process.ts';
import { temporaryFolder } from './hostile-shell.ts';

/** Addresses of a system that seems to run: those that a test does not need lead nowhere. */
export const NO_ADDRESSES: RunInfo = {
  publisherUrl: 'http://127.0.0.1:1',
  databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
  databaseAdminUrl: 'postgres://nobody@127.0.0.1:1/none',
  topicArn: 'arn:aws:sns:us-east-1:000000000000:none',
  broker: {},
  consumers: {},
};

/** A folder in which a system seems to run at these addresses, and the commands for it. */
export function seemingSystem(addresses: Partial<RunInfo>) {
  const folder = temporaryFolder();
  const home = openHome(folder, { fresh: false, consumers: ['display', 'ad'] });
  onTestFinished(() => {
    home.release();
    rmSync(folder, { recursive: true, force: true });
  });
  home.announce({ ...NO_ADDRESSES, ...addresses });
  const doorbell = (environment: Record<string, string>, ...args: string[]) =>
    run('localstack/operate/main.ts', ['--home', folder, ...args], environment).ended;
  return { doorbell, folder };
}
