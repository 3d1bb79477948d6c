/** `"…"`, with or without W/ before it (RFC 9110, 8.8.3); Node turns bytes above 127 into obs-text. */
const ENTITY_TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/y;
/** After a tag: the end or a comma, with empty elements that a recipient must ignore (RFC 9110, 5.6.1.2). */
const AFTER = /[ \t]*(?:,[ \t,]*|$)/y;

/** Reads the tags of a list, without their W/; null where the text is no list. */
function opaqueTags(list: string): string[] | null {
  const tags: string[] = [];
  for (let place = 0; place < list.length; place = AFTER.lastIndex) {
    ENTITY_TAG.lastIndex = place;
    const [, tag] = ENTITY_TAG.exec(list) ?? [];
    AFTER.lastIndex = ENTITY_TAG.lastIndex;
    if (tag === undefined || !AFTER.test(list)) return null;
    tags.push(tag);
  }
  return tags;
}

/**
 * True if the client has the current answer already, by its `If-None-Match`: `*`, or a list of entity tags, compared
 * weakly (RFC 9110, 13.1.2). Several lines of the header arrive joined by commas. A malformed header counts as missing:
 * the answer is then sent in full, which is always correct. Pure.
 */
export function isHeld(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (/^[ \t]*\*[ \t]*$/.test(ifNoneMatch)) return true;
  const list = ifNoneMatch.replace(/^[ \t,]+/, '');
  return opaqueTags(list)?.includes(tag.replace(/^W\//, '')) ?? false;
}
