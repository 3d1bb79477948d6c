/** `"…"` with W/ before it or not (RFC 9110, 8.8.3); obs-text is what Node makes of bytes above 127. */
const ENTITY_TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/y;
/** After a tag: the end, or a comma, with the empty elements that a recipient must pass over (RFC 9110, 5.6.1.2). */
const AFTER = /[ \t]*(?:,[ \t,]*|$)/y;

/** The tags that a list names, without their W/; null where it is no list. */
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
 * Whether the client has what would be answered, by its `If-None-Match`: `*`, or a list of entity tags, compared weakly
 * (RFC 9110, 13.1.2). Several lines of the header come joined by commas. A header that is malformed counts as none: the
 * answer is then sent in full, which is never wrong. Pure.
 */
export function isHeld(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (/^[ \t]*\*[ \t]*$/.test(ifNoneMatch)) return true;
  const list = ifNoneMatch.replace(/^[ \t,]+/, '');
  return opaqueTags(list)?.includes(tag.replace(/^W\//, '')) ?? false;
}
