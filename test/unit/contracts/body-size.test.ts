import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import {
  type CommandContract,
  type CommandName,
  commandBodyLimit,
  commands,
} from '../../../contracts/shops/commands.ts';
import { bodyLimitOf, mostBytes } from '../../../contracts/wire/body-size.ts';
import { BatchRequest, DigestRequest } from '../../../contracts/wire/source-api.ts';
import { bytesOf, DEEPEST, encodings, largestBodies } from '../../support/largest.ts';

const written = Object.entries(encodings);
const named = Object.entries(commands) as [CommandName, CommandContract][];

describe('the most bytes of a body', () => {
  test.each(named)('of %s hold the largest legal one, however it is written', (name, { body: schema }) => {
    for (const character of ['가', '각', 'é', '😀', DEEPEST]) {
      const body = largestBodies(character)[name];
      if (schema === null) return expect(body).toBeNull();
      for (const [how, write] of written) {
        const bytes = bytesOf(write(body));
        expect(bytes, `${character} ${how}`).toBeLessThanOrEqual(mostBytes(schema));
      }
    }
  });

  test('are few more than the largest can have', () => {
    const largest = bytesOf(
      encodings['with every character of keys and texts escaped']?.(largestBodies(DEEPEST).registerShop) ?? '',
    );
    expect(mostBytes(commands.registerShop.body) / largest).toBeLessThan(1.05);
    expect([mostBytes(commands.registerShop.body), commandBodyLimit()]).toEqual([1_117_048, 1152 * 1024]);
  });

  test('of what a source is asked hold the longest ids', () => {
    const id = 'x'.repeat(128);
    const want = { id, minVersion: Number.MAX_SAFE_INTEGER, have: Number.MAX_SAFE_INTEGER };
    const batch = { resources: Array.from({ length: 100 }, () => want) };
    for (const [how, write] of written) expect(bytesOf(write(batch)), how).toBeLessThan(mostBytes(BatchRequest));
    expect(bodyLimitOf([BatchRequest, DigestRequest])).toBe(128 * 1024);
  });

  test.each([
    ['a text', z.strictObject({ note: z.string() }), 'the body.note is a text without a maximum length'],
    ['a list', z.strictObject({ notes: z.array(z.int()) }), 'the body.notes is a list without a maximum length'],
    ['a key', z.looseObject({ note: z.int() }), "the body takes keys that it doesn't name"],
  ])('are not known of %s without a bound', (_, schema, message) => {
    expect(() => mostBytes(schema)).toThrow(message);
  });
});
