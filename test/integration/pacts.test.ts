import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { agreements } from '../../contracts/agreements/all.ts';
import { committedPact, differences, type HttpInteraction, type MessageInteraction } from '../support/pact-file.ts';
import { providerWorld } from '../support/provider-states.ts';

type World = Awaited<ReturnType<typeof providerWorld>>;

/** Asks the publisher what a pact asks; says where the answer isn't what was promised. */
async function broken({ app }: World, { request, response }: HttpInteraction): Promise<string[]> {
  const headers = Object.entries(request.headers).map(([name, values]): [string, string] => [name, values.join(', ')]);
  const body = request.body === undefined ? {} : { body: JSON.stringify(request.body.content) };
  const answer = await app.request(request.path, { method: request.method, headers, ...body });
  const text = await answer.text();
  const { status, headers: promised = {}, body: content, matchingRules: rules = {} } = response;
  return [
    ...differences(status, answer.status, {}, 'status'),
    ...Object.entries(promised).flatMap(([name, [value]]) =>
      differences(value, answer.headers.get(name), lowerCase(rules.header), name.toLowerCase()),
    ),
    ...(content === undefined ? [] : differences(content.content, JSON.parse(text), rules.body)),
  ];
}

const lowerCase = <Rule>(rules: Record<string, Rule> = {}) =>
  Object.fromEntries(Object.entries(rules).map(([name, rule]) => [name.toLowerCase(), rule]));

/** The notification that the publisher makes of what has just been committed, beside the promised one. */
async function misrung({ notify }: World, { contents, metadata, matchingRules: rules = {} }: MessageInteraction) {
  const { Message, MessageAttributes } = await notify();
  const { contentType: _, ...attributes } = metadata;
  const values = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
  const named = Object.fromEntries(Object.entries(rules.metadata ?? {}).map(([name, rule]) => [`$.${name}`, rule]));
  return [
    ...differences(contents.content, JSON.parse(Message), rules.body),
    ...differences(attributes, Object.fromEntries(values), named),
  ];
}

describe.each(agreements.map((agreement) => ({ agreement, name: agreement.name })))(
  'the pact of $name',
  ({ agreement, name }) => {
    const { interactions } = committedPact(name);

    test('is kept by the publisher', async () => {
      const world = await providerWorld();
      const found: Record<string, string[]> = {};
      for (const interaction of interactions) {
        for (const { name: state, params } of interaction.providerStates) await world.setUp(state, params);
        const wrong =
          interaction.type === 'Synchronous/HTTP' ? broken(world, interaction) : misrung(world, interaction);
        if ((await wrong).length > 0) found[interaction.description] = await wrong;
      }
      expect(found, `${name} and publisher no longer agree; the publisher said: ${world.errors.join('; ')}`).toEqual(
        {},
      );
    });

    test('names the agreed fields and wakes, no more and no less', () => {
      const stale = `the agreement has changed since ${name}'s pact was recorded: npm run pacts`;
      const shops = interactions.flatMap((each) =>
        each.type === 'Synchronous/HTTP' && each.description.startsWith('one shop that states')
          ? [each.response.body?.content as { shop: unknown }]
          : [],
      );
      expect(shops).toHaveLength(2);
      for (const { shop } of shops)
        expect(z.safeParse(agreement.shop, shop), stale).toEqual({ success: true, data: shop });
      const types = interactions.flatMap((each) =>
        each.type === 'Asynchronous/Messages' ? [(each.contents.content as { type: string }).type] : [],
      );
      expect(types.toSorted(), stale).toEqual(agreement.wakesOn.toSorted());
    });
  },
);

describe('a difference between pact and answer', () => {
  const rules = {
    '$.menu': { matchers: [{ match: 'type', min: 1 }] },
    '$.menu[*].price': { matchers: [{ match: 'integer' }] },
    '$.openness': { matchers: [{ match: 'regex', regex: '^(open|paused)$' }] },
  };
  const promised = { menu: [{ price: 6000 }], openness: 'open', hours: null, name: 'x' };
  const kept = { menu: [{ price: 1 }, { price: 2, more: true }], openness: 'paused', hours: null, name: 'x' };

  test.each([
    [kept, []],
    [{ ...kept, menu: [{ price: 1 }, { cost: 2 }] }, ['$.menu[1].price: promised 6000 (integer), answered undefined']],
    [{ ...kept, menu: [{ price: '1' }] }, ['$.menu[0].price: promised 6000 (integer), answered "1"']],
    [{ ...kept, menu: [] }, ['$.menu: promised 1 entries, answered 0']],
    [{ ...kept, menu: null }, ['$.menu: promised [{"price":6000}] (type), answered null']],
    [{ ...kept, openness: 'closed' }, ['$.openness: promised "open" (^(open|paused)$), answered "closed"']],
    [{ ...kept, hours: 'late' }, ['$.hours: promised null, answered "late"']],
    [null, [`$: promised ${JSON.stringify(promised)}, answered null`]],
  ])('is told with the field and both sides: %j', (actual, expected) => {
    expect(differences(promised, actual, rules)).toEqual(expected);
  });
});
