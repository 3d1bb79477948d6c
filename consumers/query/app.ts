import { hash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { check } from '../../contracts/wire/check.ts';
import { hasHungUp, unheard } from '../../contracts/wire/hung-up.ts';
import { ProblemError, type ProblemTable, problems } from '../../contracts/wire/problem.ts';
import { explainProblem, problemResponse } from '../../contracts/wire/problem-response.ts';
import { ResourceId } from '../../contracts/wire/resource.ts';
import { taggedResponse } from '../../contracts/wire/tagged-response.ts';
import type { Observe } from '../runtime/queue/events.ts';
import type { ViewStore } from '../runtime/views/view-store.ts';

/** Makes an app for reading views: GET only, problems as documents. It explains the problems of a table. */
export function queryApp(table: ProblemTable = problems): Hono {
  const app = new Hono();
  app.use(requestId(), secureHeaders());
  app.onError(problemResponse);
  app.notFound((c) =>
    problemResponse(new ProblemError('not-found', `Nothing answers ${c.req.method} ${c.req.path} here.`), c),
  );
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/problems/:code', explainProblem(table));
  return app;
}

/** Reports faults of a query API to the listener, and answers 500 without the cause. */
export function tellFailures(queries: Hono, observe: Observe): Hono {
  return queries.onError((error, c) => {
    const known = hasHungUp(error, c) ? unheard() : error;
    if (!(known instanceof ProblemError)) observe({ kind: 'query-failed', reason: known.message });
    return problemResponse(known, c);
  });
}

/**
 * Finds the view of a resource. Throws `resource-not-found`, or `resource-gone` with the version since which it is
 * gone.
 */
export async function findView<View>(
  store: Pick<ViewStore<View>, 'read'>,
  id: string,
): Promise<{ id: string; version: number; view: View }> {
  const [row] = await store.read([check(ResourceId, id, 'id')]);
  if (row === undefined)
    throw new ProblemError('resource-not-found', 'No view of this resource; its first ring may be on its way.');
  const { version, view } = row;
  if (view === null) throw new ProblemError('resource-gone', 'The resource is gone.', { version });
  return { id, version, view };
}

/** Answers with JSON and an entity tag of its content: 304 to a client that has the same already. */
export function taggedJson(c: Context, value: unknown): Response {
  const text = JSON.stringify(value);
  const tag = `"${hash('sha256', text, 'base64url').slice(0, TAG)}"`;
  return taggedResponse(c, tag, () => c.body(text, 200, { 'content-type': 'application/json' }));
}

/** 22 characters: 132 bits of the hash. */
const TAG = 22;

/** Makes the smallest query API: `GET /shops/{id}`, or another path, the view as it is stored. */
export function viewApi<View>(
  store: Pick<ViewStore<View>, 'read'>,
  table: ProblemTable = problems,
  path: `${string}/:id` = '/shops/:id',
): Hono {
  const app = queryApp(table);
  app.get(path, async (c) => {
    const { id, version, view } = await findView(store, c.req.param('id'));
    return taggedJson(c, { id, version, ...view });
  });
  return app;
}
