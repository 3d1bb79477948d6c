import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { adAgreement } from '../../contracts/shops/agreements/ad.ts';
import { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import { testBroker } from '../support/broker.ts';
import { deployAt, operatorAt } from '../support/deploying.ts';

async function world() {
  const { client, stage } = await testBroker();
  const sqs = new SQSClient(client);
  onTestFinished(() => sqs.destroy());
  return { client, stage, sqs, ...operatorAt(client, stage) };
}

test('what is deployed is well; deployed again it is left alone; what changed is shown, and what is destroyed is gone', async () => {
  const { client, stage, sqs, doorbell, findings } = await world();

  const looked = await doorbell('deploy', '--only', 'messaging', '--dry-run');
  expect(looked).toMatchObject({ code: 0, stdout: expect.stringContaining('+ add      Topic ') });
  expect((await findings())[0]).toMatchObject({
    check: 'topic',
    remedy: `npm run doorbell -- deploy --stage ${stage} --region ${client.region} --endpoint-url ${client.endpoint}`,
  });

  const deployed = await doorbell('deploy', '--only', 'messaging', '--yes');
  expect(deployed).toMatchObject({ code: 0, stderr: expect.stringContaining('create complete  DisplaySubscription') });
  expect(deployed.stdout).toContain(`# display\nDOORBELL_QUEUE_URL=http`);
  expect(await findings()).toEqual([]);

  const folder = mkdtempSync(join(tmpdir(), 'doorbell-env-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const written = await doorbell('deploy', '--yes', '--write-env', join(folder, '.env'));
  expect(written).toMatchObject({ code: 0, stdout: '' });
  expect(readdirSync(folder).toSorted()).toEqual(['.env.ad', '.env.display', '.env.publisher']);
  expect(statSync(join(folder, '.env.ad')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(folder, '.env.ad'), 'utf8')).toMatch(/^DOORBELL_QUEUE_URL=http.*-ad\n/);

  const again = await doorbell('deploy', '--yes');
  expect(again).toMatchObject({ code: 0, stdout: deployed.stdout, stderr: expect.stringContaining('no changes') });
  expect(again.stderr).toContain(': messaging\n');

  const agreements = [{ name: displayAgreement.name, wakesOn: ['shop.opened'] }, adAgreement];
  const changed = await deployAt(client, { stage, parts: ['messaging'] }, { agreements });
  // Which properties change LocalStack doesn't say.
  expect(changed.changes.map(({ action, id }) => [action, id])).toEqual([['modify', 'DisplaySubscription']]);
  expect(await findings()).toEqual([
    expect.objectContaining({ check: 'filter-policy', severity: 'error', where: `${stage}-display` }),
  ]);
  expect((await doorbell('deploy', '--yes')).stderr).toContain('update complete  DisplaySubscription');
  expect(await findings()).toEqual([]);

  const queueUrl = /DOORBELL_DEAD_LETTER_QUEUE_URL=(.*)/.exec(deployed.stdout)?.[1];
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'a letter' }));
  const farewell = await doorbell('destroy', '--dry-run');
  expect(farewell.stdout).toContain(`- ~1 messages in ${stage}-display-dead: they are lost`);
  expect(await doorbell('destroy', '--yes')).toMatchObject({ code: 0, stderr: expect.stringContaining('is deleted') });
  expect((await doorbell('destroy', '--yes')).code).toBe(4);
  await expect(sqs.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl }))).rejects.toThrow();
});

test('what somebody changed by hand is found on LocalStack, too', async () => {
  const { client, stage, sqs, findings, doorbell } = await world();
  const { env } = await deployAt(client, { stage, parts: ['messaging'] });
  const ad = env.find(({ of }) => of === 'ad')?.text ?? '';
  const QueueUrl = /DOORBELL_QUEUE_URL=(.*)/.exec(ad)?.[1];
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '3' } }));
  const found = await findings();
  expect(found).toEqual([expect.objectContaining({ check: 'visibility', where: `${stage}-ad` })]);
  expect((await doorbell('doctor')).code).toBe(3);

  // CloudFormation sees nothing of it; what the doctor says then helps.
  await sqs.send(new DeleteQueueCommand({ QueueUrl }));
  expect((await doorbell('deploy', '--yes')).stderr).toContain('no changes');
  const [deleted] = await findings();
  const [, attributes = ''] = /--attributes '(.*)' --region/.exec(deleted.remedy) ?? [];
  await sqs.send(new CreateQueueCommand({ QueueName: `${stage}-ad`, Attributes: JSON.parse(attributes) }));
  expect((await findings()).map(({ check }) => check)).toEqual(['queue-policies', 'redrive', 'queue-policies']);
  expect((await doorbell('destroy', '--yes')).code).toBe(0);
});

test('whoever deploys without a terminal says so, and whoever says nothing of use is told what there is', async () => {
  const { doorbell } = await world();
  expect(await doorbell('deploy')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  expect(await doorbell('destroy')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
  expect(await doorbell('deploy', '--yes', '--only', 'topics')).toMatchObject({ code: 2 });
  const missing = await doorbell('deploy', '--yes');
  const nowhere = await doorbell('deploy', '--yes', '--only', 'messaging', '--write-env', '/nowhere/env');
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining("/nowhere can't be written to") });
  expect((await doorbell('destroy', '--yes')).code).toBe(4);
  expect(missing).toMatchObject({ code: 2, stderr: expect.stringContaining('DatabaseSecretArn is missing') });
});
