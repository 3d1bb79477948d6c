import { Hono } from 'hono';
import { handle } from 'hono/aws-lambda';
import { readQueriesConfig } from './lambda/config.ts';
import { kept } from './lambda/kept.ts';
import { type Outside, outsideOf, watching } from './lambda/outside.ts';
import type { Part } from './part.ts';
import { tellFailures } from './query/app.ts';
import { createVersionWait, minVersion } from './query/min-version.ts';

/** Makes a consumer's query API as a function behind API Gateway or a function URL. */
export function queriesFunction<Resource, View>(
  part: Pick<Part<Resource, View>, 'indexes' | 'queryApi'>,
  given: Partial<Outside<View>> = {},
): ReturnType<typeof handle> {
  const { environment, clock, openStore, print } = outsideOf(given);
  const answer = kept(async () => {
    const { table } = readQueriesConfig(environment);
    const store = openStore({ table, indexes: part.indexes, clock });
    const observe = watching(print);
    const queries = tellFailures(part.queryApi(store), observe);
    // No worker is here that could look: a function waits for the handler.
    const app = tellFailures(new Hono(), observe).use(minVersion(createVersionWait({ store, clock })));
    return handle(app.all('*', ({ req, env }) => queries.fetch(req.raw, env as object)));
  });
  return async (event, context) => (await answer())(event, context);
}
