import type { Resources } from './values.ts';

/** The properties that name something in the account. */
const NAMES = ['QueueName', 'TopicName', 'TableName', 'FunctionName', 'LogGroupName', 'AlarmName'];

/**
 * Throws Error where two resources would be called the same: the queue of a consumer called `ad-dead` is the dead-letter queue
 * of `ad`, and CloudFormation would say so only when half a stack stands.
 */
export function refuseDuplicateNames(resources: Resources): void {
  const seen = new Map<string, string>();
  for (const [id, { Type, Properties }] of Object.entries(resources))
    for (const property of NAMES.filter((name) => name in Properties)) {
      const name = `${Type} ${JSON.stringify(Properties[property])}`;
      const twin = seen.get(name);
      if (twin !== undefined) throw new Error(`${twin} and ${id} would have the same name: rename a consumer`);
      seen.set(name, id);
    }
}
