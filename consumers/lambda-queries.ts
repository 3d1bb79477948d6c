import { handle } from 'hono/aws-lambda';
import { readQueriesConfig } from './lambda/config.ts';
import { kept } from './lambda/kept.ts';
import { type Outside, outsideOf, watching } from './lambda/outside.ts';
import type { Part } from './part.ts';
import { tellFailures } from './query/app.ts';

/** Makes a consumer's query API as a function behind API Gateway or a function URL. */
export function queriesFunction<Resource, View>(
  part: Pick<Part<Resource, View>, 'indexes' | 'queryApi'>,
  given: Partial<Outside<View>> = {},
): ReturnType<typeof handle> {
  const { environment, clock, openStore, print } = outsideOf(given);
  const answer = kept(async () => {
    const { table } = readQueriesConfig(environment);
    const store = openStore({ table, indexes: part.indexes, clock });
    return handle(tellFailures(part.queryApi(store), watching(print)));
  });
  return async (event, context) => (await answer())(event, context);
}
