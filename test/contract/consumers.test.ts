import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parts } from '../../consumers/all.ts';
import { PACTS, pactFile, recordPact } from './pacts.ts';

describe('the committed pact', () => {
  test.each(parts.map((part) => ({ part, name: part.consumer.agreement.name })))(
    'of $name is what the consumer asks for and is rung by today',
    async ({ part, name }) => {
      const committed = readFileSync(new URL(pactFile(name), PACTS), 'utf8');
      expect(committed === (await recordPact(part)), `${pactFile(name)} is stale: npm run pacts`).toBe(true);
    },
  );
});
