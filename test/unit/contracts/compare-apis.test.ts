import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { adAgreement } from '../../../contracts/shops/agreements/ad.ts';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import { eventTypes } from '../../../contracts/shops/event-types.ts';
import {
  agreementsWith,
  componentOf,
  contractsAfter,
  contractsWith,
  operationOf,
  verdicts,
} from '../../support/changed-contracts.ts';

describe('of event types, problems and messages', () => {
  test('an event type that vanished breaks every consumer that it wakes', () => {
    const types = eventTypes.filter((type) => type !== 'shop.opened');
    const woken = agreements.filter(({ wakesOn }) => wakesOn.includes('shop.opened')).map(({ name }) => name);
    expect(verdicts(contractsWith({ eventTypes: types }))).toEqual([
      `breaking ${woken.join(', ')}: event type shop.opened is gone`,
    ]);
  });

  test('a new event type is compatible, wherever answers list it', () => {
    const now = contractsAfter((contracts) => {
      contracts.terms.eventTypes.push('shop.moved');
      const { items } = componentOf(contracts, 'CommandAnswer').properties.events as { items: typeof shopType };
      const shopType = { properties: { type: { enum: [] as string[] } } };
      items.properties.type.enum.push('shop.moved');
      const history = componentOf(contracts, 'HistoryEvent').oneOf as unknown[];
      history.push({ type: 'object', properties: { type: { const: 'shop.moved' } } });
    });
    expect(verdicts(now)).toEqual(['compatible none: event type shop.moved is new']);
  });

  test('a problem code that vanished, or that means something else, breaks every client', () => {
    const now = contractsAfter(({ terms }) => {
      delete terms.problems['menu-full'];
      terms.problems.behind = { status: 503, retryable: false };
      terms.problems['menu-odd'] = { status: 409, retryable: false };
    });
    expect(verdicts(now)).toEqual([
      'breaking every client: problem menu-full is gone',
      'breaking every client: problem behind is 503, final; it was 503, retryable',
      'compatible none: problem menu-odd is new',
    ]);
  });

  test('a third key in the notification breaks every consumer', () => {
    const now = contractsAfter(({ notification }) => Object.assign(notification.properties as object, { name: {} }));
    expect(verdicts(now)).toEqual(['breaking every consumer: notification name is new']);
  });

  test('a queue that is called otherwise breaks its consumer', () => {
    const now = contractsAfter(({ messages: { channels } }) =>
      Object.assign(channels.adQueue ?? {}, { address: 'ad' }),
    );
    expect(verdicts(now)).toEqual(['breaking ad: queue or topic doorbell-ad is now called ad']);
  });
});

describe('of commands', () => {
  test('a new field that is required breaks whoever sends them; an optional one does not', () => {
    const now = contractsAfter((contracts) => {
      const body = componentOf(contracts, 'RegisterShop');
      Object.assign(body.properties, { licence: { type: 'string' }, nickname: { type: 'string' } });
      body.required.push('licence');
    });
    expect(verdicts(now)).toEqual([
      'breaking command clients: POST /shops body.licence is new and required',
      'compatible command clients: POST /shops body.nickname is new',
    ]);
  });

  test('a field that is accepted no more, or less widely, breaks whoever sends it', () => {
    const now = contractsAfter((contracts) => {
      const { properties, required } = componentOf(contracts, 'RegisterShop');
      delete properties.hours;
      Object.assign(properties.category ?? {}, { maxLength: 10 });
      Object.assign(properties.openness ?? {}, { default: 'paused' });
      required.push('menu');
    });
    expect(verdicts(now)).toEqual([
      'breaking command clients: POST /shops body.category maxLength is 10; it was 40',
      'breaking command clients: POST /shops body.hours is gone',
      'breaking command clients: POST /shops body.openness is "paused" by default; it was "open"',
      'breaking command clients: POST /shops body.menu is required now',
    ]);
  });

  test('a field that takes more is compatible', () => {
    const now = contractsAfter((contracts) => {
      const { properties, required } = componentOf(contracts, 'RegisterShop');
      Object.assign(properties.category ?? {}, { maxLength: 80 });
      required.splice(required.indexOf('address'), 1);
    });
    expect(verdicts(now)).toEqual([
      'compatible command clients: POST /shops body.category maxLength is 80; it was 40',
      'compatible command clients: POST /shops body.address may be absent now',
    ]);
  });

  test('an answer that may say what it never said breaks whoever reads it; one that says more does not', () => {
    const now = contractsAfter((contracts) => {
      const { properties } = componentOf(contracts, 'CommandAnswer');
      Object.assign(properties, { version: { type: ['integer', 'null'], minimum: 1 }, took: { type: 'number' } });
    });
    const said = verdicts(now);
    expect(said).toContain('breaking command clients: POST /shops 201 body.version may be null now');
    expect(said).toContain('compatible command clients: POST /shops 201 body.took is new');
  });

  test('a command that is gone breaks its clients, and a new one nobody', () => {
    const now = contractsAfter(({ apis }) => {
      const { paths = {} } = apis['publisher.openapi.json'] ?? {};
      paths['/shops/{shopId}/rest'] = { post: paths['/shops/{shopId}/pause']?.post as never };
      delete paths['/shops/{shopId}/pause'];
    });
    expect(verdicts(now)).toEqual([
      'breaking command clients: POST /shops/{shopId}/pause is gone',
      'compatible command clients: POST /shops/{shopId}/rest is new',
    ]);
  });

  test('one more way of saying no is compatible; another form of it breaks every client', () => {
    const now = contractsAfter((contracts) => {
      delete componentOf(contracts, 'Problem').properties.detail;
      const { responses } = operationOf(contracts, '/shops/{shopId}', 'get');
      responses['409'] = { $ref: '#/components/responses/shop-closed' };
      const schema = { allOf: [{ properties: { code: { enum: ['shop-closed'] } } }] };
      const answer = { description: '', content: { 'application/problem+json': { schema } } };
      Object.assign(contracts.apis['publisher.openapi.json']?.components.responses ?? {}, { 'shop-closed': answer });
    });
    expect(verdicts(now)).toEqual([
      'compatible operators: GET /shops/{shopId} may say shop-closed now',
      'breaking every client: problem documents of Doorbell publisher detail is gone',
    ]);
  });

  test('a token where none was needed breaks its clients', () => {
    const now = contractsAfter((contracts) => {
      operationOf(contracts, '/healthz', 'get').security = [{ operator: [] }];
    });
    expect(verdicts(now)).toEqual([
      'breaking clients of Doorbell publisher: GET /healthz needs the token of operator now',
    ]);
  });
});

describe('of source APIs', () => {
  test('what an agreement shows is told by the agreement alone', () => {
    const { apis } = contractsAfter((contracts) => {
      delete componentOf(contracts, 'DisplayShop').properties.hours;
    });
    const shop = z.omit(displayAgreement.resource, { hours: true });
    const now = contractsWith({ agreements: agreementsWith({ ...displayAgreement, resource: shop }) });
    expect(verdicts({ ...now, apis })).toEqual(['breaking display: display@1 hours is gone']);
  });

  test('a header that is taken no more breaks the consumer, unless its agreement is raised', () => {
    const without = contractsAfter((contracts) => {
      operationOf(contracts, '/ad/shops/{id}', 'get').parameters?.pop();
    });
    const said = 'breaking ad: GET /ad/shops/{id} header Min-Version is gone';
    expect(verdicts(without)).toEqual([said]);
    const { terms } = contractsWith({ agreements: agreementsWith({ ...adAgreement, version: 2 }) });
    expect(verdicts({ ...without, terms })).toEqual([`${said} (ad@1 → ad@2)`]);
  });
});

describe('of queries', () => {
  test('a filter or a field that is gone breaks their clients; a new filter does not', () => {
    const now = contractsAfter((contracts) => {
      const { parameters = [] } = operationOf(contracts, '/shops', 'get', 'display-query');
      const [first] = parameters;
      parameters.splice(0, 1, { ...(first as NonNullable<typeof first>), name: 'state' });
      const { responses } = operationOf(contracts, '/shops/{id}', 'get', 'display-query');
      const { content = {} } = responses['200'] as { content?: Record<string, { schema: { properties?: object } }> };
      Reflect.deleteProperty(content['application/json']?.schema.properties ?? {}, 'menu');
    });
    expect(verdicts(now)).toEqual([
      'breaking clients of Doorbell display queries: GET /shops query province is gone',
      'compatible clients of Doorbell display queries: GET /shops query state is new',
      'breaking clients of Doorbell display queries: GET /shops/{id} 200 body.menu is gone',
    ]);
  });

  test('a status or a header that is answered no more breaks their clients', () => {
    const now = contractsAfter((contracts) => {
      const { responses } = operationOf(contracts, '/display/shops/{id}', 'get');
      delete responses['304'];
      delete (responses['200'] as { headers?: object }).headers;
    });
    expect(verdicts(now)).toEqual([
      'breaking display: GET /display/shops/{id} 304 is gone',
      'breaking display: GET /display/shops/{id} 200 header ETag is gone',
      'breaking display: GET /display/shops/{id} 304 header ETag is gone',
    ]);
  });
});
