import * as z from 'zod/mini';

/** 128 characters in the longest id: as many as a message group of SNS and SQS takes (Amazon SNS, "MessageGroupId"). */
export const ID_LIMIT = 128;

const FORM = `1 to ${ID_LIMIT} of A-Z a-z 0-9 - . _ ~ : and not . or ..`;

/**
 * Identifies a resource: 1 to 128 of RFC 3986's unreserved characters and `:`, such as `order:2024:1` or a UUID. A path,
 * a query, a filter and a log can hold it without escaping (RFC 3986, 3.3 and 3.4). `.` and `..` are no ids: in a path
 * they are steps (RFC 3986, 5.2.4). Ids are ordered by their bytes, which for ASCII is the order of JavaScript's `<`.
 */
export const ResourceId = z.string().check(
  z.maxLength(ID_LIMIT, { error: FORM, abort: true }),
  // It begins with at most two dots and another character, or with three dots. JSON Schema advises against lookahead,
  // which not every language has (draft 2020-12, Core, 6.4).
  z.regex(/^(\.{0,2}[A-Za-z0-9_~:-]|\.{3})[A-Za-z0-9._~:-]*$/, FORM),
);

/** The number of changes of a resource so far: 1 at first, one more with every change, never restarting. */
export const Version = z.int().check(z.minimum(1));
