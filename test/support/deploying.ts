import { onTestFinished } from 'vitest';
import { systemClock } from '../../consumers/runtime/system.ts';
import type { BrokerClient } from '../../localstack/infrastructure/provision.ts';
import { type TemplateOptions, templateOf } from '../../localstack/infrastructure/template/template.ts';
import type { StackChange } from '../../localstack/operate/deploy/changes.ts';
import { type DeployDeps, type DeployRequest, deploy } from '../../localstack/operate/deploy/deploy.ts';
import { openServices } from '../../localstack/operate/deploy/services.ts';
import { run } from './dev-process.ts';

/** The command line of an operator whose AWS is a stand-in. */
export function operatorAt(client: BrokerClient, stage: string) {
  const at = ['--stage', stage, '--endpoint-url', String(client.endpoint)];
  const doorbell = (command: string, ...args: string[]) =>
    run('localstack/operate/main.ts', [command, ...at, ...args], {}).ended;
  const findings = async () => {
    const { stdout } = await doorbell('doctor', '--json');
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    return lines.filter(({ kind, severity }) => kind === 'finding' && severity !== 'not-checked');
  };
  return { doorbell, findings };
}

/** Deploys as the command does, with a template of other agreements, or functions of another build. */
export async function deployAt(
  client: BrokerClient,
  wanted: Pick<DeployRequest, 'stage' | 'parts'> & Partial<DeployRequest>,
  template: TemplateOptions = {},
  build: DeployDeps['build'] = () => Promise.reject(new Error('nothing is to be built')),
) {
  const services = await openServices(client, client.endpoint ?? null);
  onTestFinished(services.close);
  const seen: StackChange[] = [];
  const told: string[] = [];
  const deployment = await deploy(
    { given: {}, bucket: null, dryRun: false, ...wanted },
    {
      services,
      build,
      clock: systemClock,
      signal: new AbortController().signal,
      templateFor: (parts) => templateOf({ ...template, parts }),
      tell: (what, text) => void told.push(`${what}: ${text}`),
      onEvent: () => {},
      async agree({ changes }) {
        seen.push(...changes);
        return true;
      },
    },
  );
  return { ...deployment, changes: seen, told };
}
