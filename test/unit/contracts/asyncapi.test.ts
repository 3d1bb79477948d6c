import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { asyncApi } from '../../../contracts/documents/asyncapi.ts';
import { notificationSchema } from '../../../contracts/documents/notification-schema.ts';
import { shopDomain } from '../../../contracts/documents/shops/domain.ts';
import { writeAttributes } from '../../../contracts/wire/attributes.ts';
import { encodeNotification, parseNotification } from '../../../contracts/wire/notification.ts';
import { shopTopologyOf } from '../../../localstack/infrastructure/shop-topology.ts';

const topology = shopTopologyOf();
const document = asyncApi(topology, shopDomain);

/** Answers whether values fit schemas, also those that stand in the document. */
function validator() {
  const ajv = new Ajv2020({ strict: false, validateSchema: false });
  addFormats.default(ajv);
  return ajv.addSchema(document, 'document');
}

type Message = { examples: { headers: unknown; payload: unknown }[] };
const { notification } = document.components.messages as unknown as { notification: Message };
const part = (name: string) => ({ $ref: `document#/components/messages/notification/${name}` });

describe('the AsyncAPI document', () => {
  test('shows a message that fits its own schemas', () => {
    for (const { headers, payload } of notification.examples) {
      expect(validator().validate(part('headers'), headers)).toBe(true);
      expect(validator().validate(part('payload'), payload)).toBe(true);
      expect(parseNotification(JSON.stringify(payload))).toEqual(payload);
    }
    expect(notification.examples).toHaveLength(1);
  });

  test('describes the attributes that a ring really has', () => {
    const attributes = writeAttributes('shop.opened', {
      eventId: '0199a1f2-7c3e-7d51-9a4b-3f1e5d2c8b70',
      version: 3,
      occurredAt: 1_795_515_300_000,
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      lane: 'replay',
    });
    const headers = Object.entries(attributes).map(([name, { StringValue }]) => [name, StringValue]);
    const ajv = validator();
    expect(ajv.validate(part('headers'), Object.fromEntries(headers)), ajv.errorsText()).toBe(true);
    expect(headers).toHaveLength(6);
    expect(validator().validate(part('headers'), { type: 'shop.opened', price: '8000' })).toBe(false);
  });

  test('names every queue, and what SNS is told to let through', () => {
    const { ring } = document.operations as Record<string, { bindings: { sns: { consumers: unknown[] } } }>;
    expect(ring?.bindings.sns.consumers).toMatchObject(
      topology.consumers.map(({ queue, undeliveredQueue, filterPolicy }) => ({
        endpoint: { name: queue.name },
        'x-filterPolicy': filterPolicy,
        redrivePolicy: { deadLetterQueue: { name: undeliveredQueue.name } },
      })),
    );
    const addresses = Object.values(document.channels).map(({ address }) => address);
    expect(addresses).toEqual([topology.topic, ...topology.consumers.map(({ queue }) => queue.name)]);
  });
});

describe('the JSON Schema of a notification', () => {
  const fits = new Ajv2020().compile(notificationSchema(shopDomain));

  test.each([
    { id: 'a', type: 'shop.opened' },
    { id: 'shop_1', type: 'shop.of-the-future' },
  ])('takes %j, as the code does', (body) => {
    expect(fits(body)).toBe(true);
    expect(() => encodeNotification(body)).not.toThrow();
  });

  test.each([
    { id: 'a', type: 'shop.opened', price: 8000 },
    { id: 'a' },
    { id: '../a', type: 'shop.opened' },
    { id: 'a', type: 'Shop Opened' },
    { id: 'a'.repeat(129), type: 'shop.opened' },
  ])('refuses %j, as the code does', (body) => {
    expect(fits(body)).toBe(false);
    expect(() => parseNotification(JSON.stringify(body))).toThrow();
  });
});
