/** Existing roles of the database, which get the rights of their part and no more. */
export type OutboxRoles = {
  /** Role of the service: it may call `ring` and `gone`, and read no table. */
  ring?: string | undefined;
  /** Role of the relay. */
  relay?: string | undefined;
  /** Role of the source API: it may read resources and their versions. */
  read?: string | undefined;
};

/** Statements that take all rights from all other roles. */
export const closedSql = (schema: string): string => `
revoke all on schema ${schema} from public;
revoke execute on all functions in schema ${schema} from public;
`;

/** Statements that give roles the rights of their part. They may be run again. */
export function grantsSql(schema: string, { ring, relay, read }: OutboxRoles): string {
  const usage = [...new Set([ring, relay, read])].flatMap((role) =>
    role === undefined ? [] : `grant usage on schema ${schema} to ${quoted(role)};`,
  );
  const signature = '(text, text, text)';
  return [
    ...usage,
    ...(ring === undefined
      ? []
      : [`grant execute on function ${schema}.ring${signature}, ${schema}.gone${signature} to ${quoted(ring)};`]),
    ...(relay === undefined
      ? []
      : [
          `grant select on ${schema}.resource, ${schema}.change, ${schema}.migration to ${quoted(relay)};`,
          `grant select, insert, update on ${schema}.relay_checkpoint, ${schema}.parked_ring to ${quoted(relay)};`,
          `grant execute on function ${schema}.prune(interval), ${schema}.drop_unused_slot(name) to ${quoted(relay)};`,
        ]),
    ...(read === undefined
      ? []
      : [
          `grant select on ${schema}.resource, ${schema}.change, ${schema}.pruned, ${schema}.relay_checkpoint
         to ${quoted(read)};`,
        ]),
  ].join('\n');
}

/** Quotes a name for a statement (PostgreSQL documentation, "Identifiers and Key Words"). */
export function quoted(name: string): string {
  if (name === '' || name.includes('\0')) throw new TypeError('a name in the database must not be empty');
  return `"${name.replaceAll('"', '""')}"`;
}
