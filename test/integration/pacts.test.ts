import { describe, expect, test } from 'vitest';
import { parts } from '../../consumers/all.ts';
import { type Interaction, interactionsOf } from '../contract/interactions.ts';
import { exampleOf } from '../contract/matchers.ts';
import { notificationOf, ringByNotification, ringForRequest } from '../contract/rings.ts';
import { httpServer } from '../support/http-server.ts';
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
  const message = await notify();
  const { contentType: _, ...promised } = metadata;
  const values = Object.entries(message.attributes).map(([name, { StringValue }]) => [name, StringValue]);
  const named = Object.fromEntries(Object.entries(rules.metadata ?? {}).map(([name, rule]) => [`$.${name}`, rule]));
  return [
    ...differences(contents.content, JSON.parse(message.body), rules.body),
    ...differences(promised, Object.fromEntries(values), named),
  ];
}

describe.each(parts.map((part) => ({ part, name: part.consumer.agreement.name })))(
  'the pact of $name',
  ({ part, name }) => {
    const { agreement } = part.consumer;
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

    test('says what the agreement says, no more and no less', () => {
      const wanted = [
        ...interactionsOf(part).map(exampleOfInteraction),
        ...agreement.wakesOn.map(exampleOfNotification),
      ];
      const said = interactions.map((each) =>
        each.type === 'Synchronous/HTTP'
          ? { name: each.description, states: each.providerStates, body: each.response.body?.content }
          : { name: each.description, states: each.providerStates, body: each.contents.content },
      );
      expect(byName(said), STALE).toEqual(byName(wanted));
    });

    test.each(interactionsOf(part))('is what the consumer asks for $name', async (interaction) => {
      const { request, response } = interactions.find(
        ({ description }) => description === interaction.name,
      ) as HttpInteraction;
      const { url, seen } = await httpServer((_, answer) => {
        const headers = Object.entries(response.headers ?? {}).map(([name, values]) => [name, values.join(', ')]);
        answer.writeHead(response.status, Object.fromEntries(headers)).end(JSON.stringify(response.body?.content));
      });
      await ringForRequest(part, interaction, url);
      const asked = seen.map(({ method, url: path, headers, body }) => ({
        ...{ method, path, headers: told(headers) },
        ...(body !== '' && { body: JSON.parse(body) }),
      }));
      const { method, path, headers, body } = request;
      expect(asked, STALE).toEqual([{ method, path, headers: told(headers), ...(body && { body: body.content }) }]);
    });

    test.each(interactions.filter((each) => each.type === 'Asynchronous/Messages'))(
      'wakes the consumer by $description',
      async ({ contents, metadata }) => {
        const attributes = metadata as Record<string, string>;
        await ringByNotification(part, { body: JSON.stringify(contents.content), attributes });
      },
    );
  },
);

const STALE = 'the pact is stale: npm run pacts records it anew';

const exampleOfInteraction = ({ name, states, response }: Interaction) => ({
  name,
  states,
  body: exampleOf(response.body),
});

const exampleOfNotification = (type: string) => {
  const { name, state, content } = notificationOf(type);
  return { name, states: [state], body: content };
};

const byName = (each: { name: string }[]) => Object.fromEntries(each.map((one) => [one.name, one]));

/** The headers that somebody chose: the others belong to the connection. */
const told = (headers: Record<string, string | string[] | undefined>) =>
  Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')] as const)
      .filter(([name]) => !['host', 'connection', 'content-length'].includes(name)),
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
