import type { Publish, Ring } from '../../publisher/relay/ring.ts';
import { systemClock } from '../../publisher/system.ts';
import { secretArn } from './aws-server.ts';
import { freshDatabase } from './database.ts';

/** What the functions of a publisher have in their environment. */
export const common = { DOORBELL_STAGE: 'test', DATABASE_SECRET_ARN: secretArn('database') };

/** What a publisher's functions need, on a database of their own: its secret can be changed, SNS takes all or does as it is told. */
export async function publisherFunctions() {
  const database = await freshDatabase();
  const secrets = new Map([[secretArn('database'), database.url]]);
  const reads: string[] = [];
  const lines: string[] = [];
  const rung: Ring[] = [];
  let publish: Publish = async (rings) => {
    rung.push(...rings);
    return rings.map(() => ({ accepted: true }));
  };
  const outside = {
    clock: systemClock,
    openSecrets: () => async (arn: string) => {
      reads.push(arn);
      return secrets.get(arn) ?? Promise.reject(new Error(`ResourceNotFoundException: ${arn}`));
    },
    openTopic: () => ({ publish: ((...each) => publish(...each)) as Publish }),
    print: (line: string) => void lines.push(line),
  };
  return {
    ...database,
    secrets,
    reads,
    lines,
    rung,
    outside,
    onPublish: (other: Publish) => {
      publish = other;
    },
    insert: (id: string) => database.admin.query(insertEvent, [id]),
  };
}

const insertEvent = `
  insert into shop_events (shop_id, version, event_id, type, data)
  values ($1, 1, gen_random_uuid(), 'shop.opened', '{}')`;
