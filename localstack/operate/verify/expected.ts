import * as z from 'zod/mini';
import type { Consumer } from '../../../consumers/runtime/define-consumer.ts';
import type { Look } from '../../../consumers/runtime/source/client.ts';
import type { ViewRow } from '../../../consumers/runtime/views/view-store.ts';
import { firstIssue } from '../../../contracts/wire/issues.ts';

/** A shop whose expected view is not known, because its source, its agreement or its projection failed. */
export type Failure = { id: string; reason: string };

/** The expected view. `row` is undefined if the source does not know the shop. */
export type ExpectedRow = { id: string; row: ViewRow<unknown> | undefined } | Failure;

/** Makes the view that a consumer should have after an answer of its source. Pure, as `project` is. */
export function expectedRow(consumer: Consumer, id: string, look: Look<unknown>): ExpectedRow {
  if (look.kind === 'found') return projected(consumer, id, look);
  if (look.kind === 'gone') return { id, row: { id, version: look.version, view: null } };
  if (look.kind === 'refused') return { id, reason: look.error.message };
  if (look.kind === 'failed') return { id, reason: `${look.reason}; the publisher's log says why` };
  return { id, row: undefined };
}

/** Projects an answer as the consumer does. A shop that it would bury is a failure here. */
function projected(
  { project, view: schema }: Consumer,
  id: string,
  look: Look<unknown> & { kind: 'found' },
): ExpectedRow {
  try {
    const view = z.safeParse(schema, project(look.resource, id));
    if (!view.success) return { id, reason: `the view does not fit its schema: ${firstIssue(view.error)}` };
    return { id, row: { id, version: look.version, view: asStored(view.data) } };
  } catch (error) {
    return { id, reason: `project threw: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Converts a view to JSON and back: stores keep JSON, which has no undefined. */
const asStored = (view: unknown): unknown => JSON.parse(JSON.stringify(view));
