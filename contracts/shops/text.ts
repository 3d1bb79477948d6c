import * as z from 'zod/mini';
import '../wire/issues.ts';

/**
 * Characters of at most 16 bits that are refused in any text: control characters, which neither JSON storage nor a
 * terminal can show; format characters (Cf), such as those that change the direction of reading; line ends; code points
 * that are no characters. The joiners U+200C and U+200D are allowed: emoji families and several scripts need them.
 */
const REFUSED =
  '\\x00-\\x1f\\x7f-\\x9f\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b\\u200e\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\ufdd0-\\ufdef\\ufeff\\ufff0-\\ufffb\\ufffe\\uffff';

/** Characters that are allowed beside others but are invisible: spaces, fillers, joiners, selectors, private ones. */
const UNSEEN =
  ' \\xa0\\u034f\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200a\\u200c\\u200d\\u202f\\u205f\\u2800' +
  '\\u3000\\u3164\\ue000-\\uf8ff\\ufe00-\\ufe0f\\uffa0\\ufffc';

/**
 * Pattern for the documents. It uses no \p{Cf}, which half of their readers' languages don't support, and no characters
 * beyond 16 bits, which those languages write in three ways.
 */
const printable = new RegExp(`^[^${REFUSED}]*[^${REFUSED}${UNSEEN}][^${REFUSED}]*$`);

/** Refused characters beyond 16 bits, and halves of surrogate pairs. Tags are allowed only in flags, after 🏴. */
const refused =
  /(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u2065\ufff0-\ufff8]|(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]*)[\u{e0020}-\u{e007f}]/u;
/** Visible characters. U+2800 and U+1D159 are empty, although they are called symbols. */
const seen =
  /[^\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\ufffc\u{1d159}]/u;

/** Names the character at fault, because it may be invisible. */
function whatIsWrong(said: string): string {
  const code = refused.exec(said)?.[0].codePointAt(0);
  if (code === undefined) return 'must have a visible character';
  return `must not contain control or format characters (U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
}

/**
 * Makes the schema of a text for people, of at most `most` characters: trimmed, in NFC, with a visible character,
 * without control or format characters.
 */
export const visibleText = (most: number) =>
  z.string().check(
    z.trim(),
    z.normalize('NFC'),
    z.minLength(1, { abort: true }),
    // The pattern takes quadratic time, so a text that is too long must not reach it.
    z.maxLength(most, { abort: true }),
    z.regex(printable, { error: ({ input }) => whatIsWrong(String(input)), abort: true }),
    z.refine((value) => seen.test(value) && !refused.test(value), {
      error: ({ input }) => whatIsWrong(String(input)),
    }),
  );
