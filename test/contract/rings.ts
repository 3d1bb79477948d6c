import assert from 'node:assert/strict';
import type { Part } from '../../consumers/part.ts';
import { agreedShop } from './agreed-shop.ts';
import { clientOf, type Received, ringConsumer } from './consumer-world.ts';
import { type Interaction, type State, tokenOf } from './interactions.ts';
import { exampleOf, like } from './matchers.ts';

/** A notification as the consumer gets it, and what must have happened before. */
export type Notified = { name: string; state: State; content: { id: string; type: string }; metadata: object };

/** Rings a consumer so that it asks what an interaction says, at `url`. Throws unless it does what must come of the answer. */
export async function ringForRequest(part: Part, interaction: Interaction, url: string): Promise<void> {
  const { rings, held = [], token = tokenOf(part.consumer.agreement.name) } = interaction;
  const source = clientOf(part, url, token);
  const [type = ''] = part.consumer.agreement.wakesOn;
  const messages = rings.map(({ id, version }) => messageOf(id, type, version));
  interaction.expect(await ringConsumer(part, messages, { source, held }).finally(source.close));
}

/** The notification of a type: two keys in the body, and the attributes beside it. */
export function notificationOf(type: string): Notified {
  const id = type.replace('.', '-');
  return {
    name: `${type} of a shop`,
    state: { name: 'a shop to which this happens', params: { id, type } },
    content: { id, type },
    metadata: {
      type,
      version: like.regex('^[1-9]\\d*$', '2'),
      eventId: like.regex('^[0-9a-f-]{36}$', '01890000-0000-7000-8000-000000000000'),
      occurredAt: like.regex('^[1-9]\\d{12}$', '1750000000000'),
    },
  };
}

/** Rings a consumer with a notification. Throws unless it looks at that shop, at version 2, and keeps what it finds. */
export async function ringByNotification(part: Part, message: Received): Promise<void> {
  const { id } = JSON.parse(message.body);
  const shop = exampleOf(agreedShop(part.consumer.agreement, 'everything'));
  const wants: unknown[] = [];
  const source = {
    look: async (asked: readonly { id: string }[]) => {
      wants.push(...asked);
      return asked.map(() => ({ kind: 'found', version: 2, resource: shop }) as const);
    },
  };
  const { rows, outcomes } = await ringConsumer(part, [message], { source });
  assert.deepEqual(wants, [{ id, minVersion: 2 }]);
  assert.deepEqual([rows.map((row) => row.id), outcomes], [[id], ['applied']]);
}

function messageOf(id: string, type: string, version: number | undefined): Received {
  return {
    body: JSON.stringify({ id, type }),
    attributes: version === undefined ? {} : { version: String(version) },
  };
}
