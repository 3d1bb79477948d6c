import { hash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Consumer } from '../runtime/define-consumer.ts';
import type { Indexes } from '../runtime/views/view-store.ts';

/**
 * Names how a consumer makes its views: by the version of its agreement, the schema of the view, what it declares as
 * `revision`, and the indexes that are written beside a view. Pure: 12 of A-Z a-z 0-9 - _.
 */
export function revisionOf<Resource, View>(
  { agreement, view, revision }: Consumer<Resource, View>,
  indexes: Indexes = {},
): string {
  const schema = z.toJSONSchema(view, { unrepresentable: 'any', io: 'output' });
  const facts = [agreement.name, agreement.version, schema, revision ?? null, indexes];
  return hash('sha256', JSON.stringify(facts), 'base64url').slice(0, 12);
}
