/** Name of the outbox's schema where none is given. */
export const DEFAULT_SCHEMA = 'doorbell';

/** Checks the name of a schema, which is written into statements as it is. Throws TypeError for any other form. */
export function schemaName(name: string = DEFAULT_SCHEMA): string {
  if (/^[a-z_][a-z0-9_]{0,39}$/.test(name) && !name.startsWith('pg_')) return name;
  throw new TypeError(
    `schema "${name}": use lower-case letters, digits and _, at most 40, not beginning with a digit or pg_`,
  );
}

/** Names the publication that the log relay reads. */
export const publicationOf = (schema: string): string =>
  schema === DEFAULT_SCHEMA ? 'doorbell_outbox' : `doorbell_outbox_${schema}`;
