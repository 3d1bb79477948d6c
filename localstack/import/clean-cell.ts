/** Line ends of Unix, Windows and old Macs, also mixed. `\r\r\n` is a line end that was converted twice. */
export const LINE_END = /\r*\n|\r/g;

/**
 * Invisible characters that carry no meaning: format characters, ignorable ones, tags outside flags. Joiners,
 * selectors and fillers have their own rules.
 */
const INVISIBLE =
  /(?!\u200c|\u200d|\p{Variation_Selector}|[\u115f\u1160\u3164\uffa0]|(?<=\u{1f3f4}[\u{e0020}-\u{e007e}]*)[\u{e0020}-\u{e007f}])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Joiners without effect. A joiner stays after an emoji, a mark or an Arabic letter, if a character follows. */
const JOINING_NOTHING =
  /(?<![\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Script=Arabic}])(?:\u200c|\u200d)|(?:\u200c|\u200d)(?=$|\s)/gu;
/** Variation selectors after characters that have no variants. */
const SELECTING_NOTHING =
  /(?<![\p{Emoji}\p{S}\p{P}\p{Script=Han}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Phags_Pa}])\p{Variation_Selector}/gu;
const BREAKS = /\s*[\t\n\v\f\r\x85\u2028\u2029]\s*/g;
const BLANK = /\p{Z}/gu;
/** Blanks at the ends, with Korean fillers and the empty Braille pattern, which look like blanks. */
const ENDS = /^[ \u3164\uffa0\u2800]+|[ \u3164\uffa0\u2800]+$/g;
const NOTHING_SEEN = /^[\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/**
 * Cleans a cell to the text that a person sees: NFC, plain blanks, none at the ends, no invisible characters. A line
 * break in it becomes a blank. Control characters stay, so that they are reported.
 */
export function cleanCell(raw: string): string {
  const clean = raw
    .replace(INVISIBLE, '')
    .replace(SELECTING_NOTHING, '')
    .replace(JOINING_NOTHING, '')
    .normalize('NFC')
    .replace(BREAKS, ' ')
    .replace(BLANK, ' ')
    .replace(ENDS, '')
    .replace(NOTHING_SEEN, '');
  // Characters that were apart may now form a pattern, so the result is cleaned again.
  return clean === raw ? clean : cleanCell(clean);
}
