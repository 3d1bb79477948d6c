import type { Resources } from './values.ts';

/** Properties that name a resource in the account. */
const NAMES = ['QueueName', 'TopicName', 'TableName', 'FunctionName', 'LogGroupName', 'AlarmName'];

/**
 * Throws an Error if two resources would have the same name. CloudFormation would fail only after half of the stack
 * is made. The topology itself refuses two queues with one name.
 */
export function refuseDuplicateNames(resources: Resources): void {
  const seen = new Map<string, string>();
  for (const [id, { Type, Properties }] of Object.entries(resources))
    for (const property of NAMES.filter((name) => name in Properties)) {
      const name = `${Type} ${JSON.stringify(Properties[property])}`;
      const twin = seen.get(name);
      if (twin !== undefined) throw new Error(`${twin} and ${id} would have the same name. Rename a consumer.`);
      seen.set(name, id);
    }
}
