import * as z from 'zod/mini';
import '../wire/issues.ts';

/**
 * Characters that stand in no text, as far as 16 bits tell them: control characters, which neither JSON storage nor a
 * terminal wants; format characters (Cf), among them those that turn the direction of reading; ends of lines; what is
 * no character. The joiners U+200C and U+200D may stand: families of emoji and several scripts need them.
 */
const REFUSED =
  '\\x00-\\x1f\\x7f-\\x9f\\xad\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u0890\\u0891\\u08e2\\u180e\\u200b\\u200e\\u200f' +
  '\\u2028-\\u202e\\u2060-\\u206f\\ufdd0-\\ufdef\\ufeff\\ufff0-\\ufffb\\ufffe\\uffff';

/** Characters that may stand beside others, and that nobody sees: blanks, fillers, joiners, selectors, private ones. */
const UNSEEN =
  ' \\xa0\\u034f\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200a\\u200c\\u200d\\u202f\\u205f\\u2800' +
  '\\u3000\\u3164\\ue000-\\uf8ff\\ufe00-\\ufe0f\\uffa0\\ufffc';

/**
 * What documents show, so it does without \p{Cf}, which the languages of half their readers don't know, and without
 * what is beyond 16 bits, which they write in three ways.
 */
const printable = new RegExp(`^[^${REFUSED}]*[^${REFUSED}${UNSEEN}][^${REFUSED}]*$`);

/** The same beyond 16 bits, and half of a pair of surrogates. Tags may stand in flags alone, after 🏴. */
const refused =
  /(?!\u200c|\u200d|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u2065\ufff0-\ufff8]|(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]*)[\u{e0020}-\u{e007f}]/u;
/** U+2800 and U+1D159 are empty, and called symbols. */
const seen =
  /[^\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Z}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\ufffc\u{1d159}]/u;

/** Names the character that is to blame: it can't be seen where it stands. */
function whatIsWrong(text: string): string {
  const code = refused.exec(text)?.[0].codePointAt(0);
  if (code === undefined) return 'must have a character that can be seen';
  return `must not contain control or format characters (U+${code.toString(16).toUpperCase().padStart(4, '0')})`;
}

/** Text for people of at most so many characters: trimmed, in NFC, something to see, no control or format characters. */
export const text = (most: number) =>
  z.string().check(
    z.trim(),
    z.normalize('NFC'),
    z.minLength(1, { abort: true }),
    // The pattern takes quadratic time: nothing that is too long may reach it.
    z.maxLength(most, { abort: true }),
    z.regex(printable, { error: ({ input }) => whatIsWrong(String(input)), abort: true }),
    z.refine((value) => seen.test(value) && !refused.test(value), {
      error: ({ input }) => whatIsWrong(String(input)),
    }),
  );
