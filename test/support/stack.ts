import { parseEnv } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import type { BrokerClient, Provisioned } from '../../localstack/provision.ts';
import type { Topology } from '../../localstack/topology.ts';
import { run } from './dev-process.ts';

/** Makes topic and queues by `doorbell deploy`, and takes from what it prints where they are. Destroyed when the test is over. */
export async function deployStack(topology: Topology, client: BrokerClient, stage: string): Promise<Provisioned> {
  const printed = await doorbell(client, 'deploy', '--stage', stage, '--only', 'messaging', '--yes');
  onTestFinished(async () => void (await doorbell(client, 'destroy', '--stage', stage, '--yes')));
  const variable = (of: string, name: string) => {
    // A block for each side, headed by its name.
    const block = printed.split('\n\n').find((each) => each.startsWith(`# ${of}\n`));
    const value = parseEnv(block ?? '')[name];
    if (value === undefined) throw new Error(`${name} of ${of} is no output of the stack:\n${printed}`);
    return value;
  };
  const places = topology.consumers.map(({ consumer }) => {
    const queueUrl = variable(consumer, 'DOORBELL_QUEUE_URL');
    return [consumer, { queueUrl, deadLetterQueueUrl: variable(consumer, 'DOORBELL_DEAD_LETTER_QUEUE_URL') }] as const;
  });
  return { topicArn: variable('publisher', 'DOORBELL_TOPIC_ARN'), consumers: Object.fromEntries(places) };
}

/** Runs a command of the operator, who has said nothing of AWS but where its stand-in is. */
async function doorbell({ endpoint = '', region = '' }: BrokerClient, ...words: string[]): Promise<string> {
  const place = ['--endpoint-url', endpoint, '--region', region];
  const { code, stdout, stderr } = await run('localstack/cli.ts', [...words, ...place], {}).ended;
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}
