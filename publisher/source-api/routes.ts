import { type Context, Hono } from 'hono';
import type { Agreement } from '../../contracts/wire/agreement.ts';
import { bodyLimitOf } from '../../contracts/wire/body-size.ts';
import { check } from '../../contracts/wire/check.ts';
import { bucketsByPages } from '../../contracts/wire/digests.ts';
import { FeedRequest } from '../../contracts/wire/feed.ts';
import { hasHungUp, unheard } from '../../contracts/wire/hung-up.ts';
import { isHeld } from '../../contracts/wire/if-none-match.ts';
import { ProblemError, problem } from '../../contracts/wire/problem.ts';
import { problemResponse } from '../../contracts/wire/problem-response.ts';
import { ResourceId, Version } from '../../contracts/wire/resource.ts';
import {
  BatchRequest,
  type DigestAnswer,
  DigestRequest,
  entityTag,
  MIN_VERSION,
  type SourceAnswer,
  SourcePageQuery,
  type Want,
} from '../../contracts/wire/source-api.ts';
import { bodyUpTo } from '../http/bodies.ts';
import { createByteBudget, jsonText, roomForAnswer } from '../http/byte-budget.ts';
import { readJson } from '../http/input.ts';
import { bearerToken } from '../http/token.ts';
import { AgreementBroken, agreedView } from './agreed-view.ts';
import { boundedBatch, boundedPage } from './bounded-answer.ts';
import { type CheckedRow, checkedSource, pagesOf } from './checked-rows.ts';
import { createReadRows } from './read-rows.ts';
import type { PlainLogSource, RowSource, Source } from './source.ts';

/** 1 s: a replica is seldom further behind, and the consumer waits longer by itself. */
const RETRY_AFTER_SECONDS = '1';

/**
 * Makes the publisher's side of an agreement, to be mounted at the root: one resource, a batch, pages of all,
 * digests, and the feed of changes.
 */
export function sourceRoutes<Resource, Transaction>(
  agreement: Agreement<Resource>,
  source: PlainLogSource<NoInfer<Resource>, Transaction>,
): Hono;
/** The same for a source that selects the agreed fields, or reads its own versions. */
export function sourceRoutes<State, Resource>(agreement: Agreement<Resource>, source: Source<State, Resource>): Hono;
/** Takes any of these sources. */
export function sourceRoutes<State, Resource>(agreement: Agreement<Resource>, given: unknown): Hono {
  const source = given as Source<State, Resource>;
  const onFault = source.onFault ?? toStderr;
  const rows = checkedSource<State>(agreement, source, onFault);
  const answerOf = answerer(agreement, (source.select ?? asItIs) as (state: State) => Resource, onFault);
  const readRows = createReadRows(rows, ('primary' in source && source.primary?.now) || (() => 0), onFault);
  const { feed } = source.log ?? (source as RowSource<State>);
  const readBuckets = bucketsOf(source) ?? ((prefixes) => bucketsByPages(prefixes, pagesOf(rows)));
  const app = new Hono();
  app.onError(source.onError ?? ((error, c) => answerFault(error, c, onFault)));
  app.use(`${agreement.path}/*`, bearerToken(source.tokens, { name: agreement.name, limit: source.limit }));
  app.use(`${agreement.path}/*`, bodyUpTo(bodyLimitOf([BatchRequest, DigestRequest, FeedRequest])));
  const room = roomForAnswer(source.answers ?? createByteBudget(Number.POSITIVE_INFINITY));

  app.get(`${agreement.path}/:id`, async (c) => {
    const id = check(ResourceId, c.req.param('id'), 'id');
    const want = wantOf(c, id);
    const row = (await readRows([want])).get(id);
    const isNewest = row !== undefined && isHeld(c.req.header('if-none-match'), entityTag(agreement, row.version));
    return single(c, agreement, answerOf({ ...want, ...(isNewest && { have: row.version }) }, row));
  });

  app.post(`${agreement.path}/batch`, room, async (c) => {
    const { resources: wants } = check(BatchRequest, await readJson(c));
    return jsonText(c, boundedBatch(wants, answerOf, await readRows(wants)));
  });

  // By POST like the batch: GET would take the address of a resource whose id is "digests".
  app.post(`${agreement.path}/digests`, room, async (c) => {
    const { prefixes } = check(DigestRequest, await readJson(c));
    return jsonText(c, JSON.stringify({ digests: await readBuckets(prefixes) } satisfies DigestAnswer));
  });

  // Without room for a large answer: ids are few bytes, and a request that waits must not hold up others.
  app.post(`${agreement.path}/changes`, async (c) => {
    const { after, ...request } = check(FeedRequest, await readJson(c));
    if (feed === undefined) throw new ProblemError('not-found', 'This source has no feed: follow it by its pages.');
    const want = { ...request, after, types: agreement.wakesOn, signal: c.req.raw.signal };
    return jsonText(c, JSON.stringify(await feed.read(want)));
  });

  app.get(agreement.path, room, async (c) => {
    const { after, limit } = check(SourcePageQuery, c.req.query());
    return jsonText(c, await boundedPage(rows, answerOf, after, limit));
  });

  return app;
}

const asItIs = (state: unknown): unknown => state;

/** Names a fault on stderr: a service that gave no `onFault` must see it, too. */
const toStderr = ({ message }: Error) => void process.stderr.write(`${message}\n`);

function bucketsOf<State, Resource>(source: Source<State, Resource>) {
  return source.log !== undefined ? source.log.readBuckets : source.readBuckets;
}

function answerer<State, Resource>(
  agreement: Agreement<Resource>,
  select: (state: State) => Resource,
  onFault: (error: Error) => void,
) {
  return ({ id, minVersion = 0, have = 0 }: Want, row: CheckedRow<State> | undefined): SourceAnswer => {
    if (row === undefined) return { status: 404, id };
    if (row.isBroken) return { status: 500, id };
    const { version, state } = row;
    if (version < minVersion) return { status: 503, id, version };
    if (state === null) return { status: 410, id, version };
    if (version === have) return { status: 304, id, version };
    try {
      return { status: 200, id, version, resource: agreedView(agreement, id, select(state)) };
    } catch (error) {
      // The fault is ours and concerns this resource alone: the other resources of its batch are answered.
      onFault(error as Error);
      return { status: 500, id, ...(error instanceof AgreementBroken && { fault: error.fault }) };
    }
  };
}

function answerFault(error: Error, c: Context, onFault: (error: Error) => void): Response {
  const known = hasHungUp(error, c) ? unheard() : error;
  if (!(known instanceof ProblemError)) onFault(known);
  return problemResponse(known, c);
}

function wantOf(c: Context, id: string): Want {
  const least = c.req.header(MIN_VERSION);
  return { id, ...(least !== undefined && { minVersion: check(Version, Number(least), 'Min-Version') }) };
}

function single(c: Context, agreement: Agreement, answer: SourceAnswer): Response {
  if (answer.status === 404)
    throw new ProblemError('resource-not-found', 'The publisher has never heard of this resource.');
  if (answer.status === 500) throw notShown(answer);
  const { status, id, version } = answer;
  c.header('etag', entityTag(agreement, version));
  if (status === 200) return c.json({ id, version, resource: answer.resource });
  if (status === 304) return c.body(null, 304);
  if (status === 410) return gone(c, version);
  c.header('retry-after', RETRY_AFTER_SECONDS);
  return c.json(
    problem('behind', `This replica is at version ${version}. Ask again soon.`, { version }),
    503,
    problemType,
  );
}

/** Problem of one resource, which names its field: by `errors` a consumer tells it from an outage of the source. */
function notShown({ id, fault = 'the source can not show it' }: SourceAnswer & { status: 500 }): ProblemError {
  const errors = [{ path: id, message: fault }];
  return new ProblemError('internal-error', 'This resource breaks our own agreement; we have been told.', { errors });
}

const problemType = { 'content-type': 'application/problem+json' };

function gone(c: Context, version: number): Response {
  return c.json(
    problem('resource-gone', 'The resource is gone. Keep the version: it tells late rings apart.', { version }),
    410,
    problemType,
  );
}
