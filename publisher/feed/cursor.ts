/** A place in a change log: a position, and the event there. Position 0 is before the first change. */
export type FeedPlace = { position: number; eventId: string };

/** The place before the first change of a log. */
export const ORIGIN: FeedPlace = { position: 0, eventId: '' };

/** Writes a place as a cursor. Consumers store it, and send it back unchanged. */
export function cursorOf({ position, eventId }: FeedPlace): string {
  return `${position.toString(36)}.${eventId.replaceAll('-', '')}`;
}

/** Reads a cursor. Null for a text that `cursorOf` never writes. */
export function readCursor(cursor: string): FeedPlace | null {
  if (cursor === '0.') return ORIGIN;
  const [, digits = '', hex = ''] = /^([1-9a-z][0-9a-z]{0,10})\.([0-9a-f]{32})$/.exec(cursor) ?? [];
  const position = Number.parseInt(digits, 36);
  if (!Number.isSafeInteger(position)) return null;
  return { position, eventId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-') };
}
