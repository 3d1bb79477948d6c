import { expect, test } from 'vitest';
import { systemClock } from '../../consumers/runtime/system.ts';
import { type DestroyPlan, destroy, readDestroyPlan } from '../../localstack/operate/deploy/destroy.ts';
import { stagedCloudFormation } from '../support/cloudformation.ts';
import { operatorAt } from '../support/deploying.ts';

const bucket = 'doorbell-artifacts-111122223333-eu-west-1';

test('the bucket of a stack that is gone can still be deleted', async () => {
  const { deleted, services } = await stagedCloudFormation({ states: [null], buckets: [bucket] });
  const { doorbell } = operatorAt({ endpoint: String(services.endpoint), region: 'eu-west-1' }, 'prod');
  const looked = await doorbell('destroy', '--region', 'eu-west-1', '--with-artifacts', '--dry-run');
  expect(looked).toMatchObject({ code: 0, stderr: expect.stringContaining('There is no stack doorbell-prod') });
  expect(looked.stdout).toContain(`the bucket ${bucket}`);
  expect(await doorbell('destroy', '--region', 'eu-west-1', '--yes')).toMatchObject({ code: 4 });
  expect(deleted).toEqual([]);
  expect(await doorbell('destroy', '--region', 'eu-west-1', '--with-artifacts', '--yes')).toMatchObject({ code: 0 });
  expect(deleted).toEqual([`/${bucket}`]);
});

test('what is destroyed has gone when it is said to be gone, and not while it is still said to be there', async () => {
  const states = ['CREATE_COMPLETE', 'CREATE_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE'];
  const { actions, services } = await stagedCloudFormation({ states });
  const plan = (await readDestroyPlan('prod', services)) as DestroyPlan;
  const clock = { ...systemClock, sleep: async () => {} };
  await destroy(plan, { services, clock, signal: new AbortController().signal, onEvent: () => {} });
  const looks = actions.slice(actions.indexOf('DeleteStack')).filter((action) => action === 'DescribeStacks');
  expect(looks).toHaveLength(3);
});

test('a queue that can not be read is not taken for an empty one', async () => {
  const { services } = await stagedCloudFormation({ states: ['CREATE_COMPLETE'] });
  const { doorbell } = operatorAt({ endpoint: String(services.endpoint), region: 'eu-west-1' }, 'prod');
  const { stdout } = await doorbell('destroy', '--region', 'eu-west-1', '--dry-run');
  expect(stdout).toContain('- all messages in prod-display-dead (their number could not be read): they are lost');
});
