import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import type { BrokerClient, Provisioned } from '../../localstack/infrastructure/provision.ts';
import type { Topology } from '../../localstack/infrastructure/topology.ts';
import { run } from './dev-process.ts';

/** Makes topic and queues by `doorbell deploy`, and takes from its files where they are. Destroyed when the test is over. */
export async function deployStack(topology: Topology, client: BrokerClient, stage: string): Promise<Provisioned> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-stack-'));
  const env = join(folder, 'env');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await doorbell(client, 'deploy', '--stage', stage, '--only', 'messaging', '--yes', '--write-env', env);
  onTestFinished(() => doorbell(client, 'destroy', '--stage', stage, '--yes'));
  const variable = (of: string, name: string) => {
    const value = parseEnv(readFileSync(`${env}.${of}`, 'utf8'))[name];
    if (value === undefined) throw new Error(`${name} of ${of} is no output of the stack`);
    return value;
  };
  const places = topology.consumers.map(({ consumer }) => {
    const queueUrl = variable(consumer, 'DOORBELL_QUEUE_URL');
    return [consumer, { queueUrl, deadLetterQueueUrl: variable(consumer, 'DOORBELL_DEAD_LETTER_QUEUE_URL') }] as const;
  });
  return { topicArn: variable('publisher', 'DOORBELL_TOPIC_ARN'), consumers: Object.fromEntries(places) };
}

/** Runs a command of the operator, who has said nothing of AWS but where its stand-in is. */
async function doorbell({ endpoint = '', region = '' }: BrokerClient, ...words: string[]): Promise<void> {
  const place = ['--endpoint-url', endpoint, '--region', region];
  const { code, stdout, stderr } = await run('localstack/operate/main.ts', [...words, ...place], {}).ended;
  expect(code, stdout + stderr).toBe(0);
}
