/** Ends of lines of Unix, Windows and old Macs, mixed as they may be. `\r\r\n` is one that was converted twice. */
export const LINE_END = /\r*\n|\r/g;

/**
 * What nobody sees and nothing needs: format characters, what is ignorable, tags outside of flags. Joiners, selectors
 * and fillers have rules of their own.
 */
const INVISIBLE =
  /(?!\u200c|\u200d|\p{Variation_Selector}|[\u115f\u1160\u3164\uffa0]|(?<=\u{1f3f4}[\u{e0020}-\u{e007e}]*)[\u{e0020}-\u{e007f}])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Joiners stay after an emoji, a mark or an Arabic letter, where something follows that they join. */
const JOINING_NOTHING =
  /(?<![\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Script=Arabic}])(?:\u200c|\u200d)|(?:\u200c|\u200d)(?=$|\s)/gu;
/** Selectors stay after what has variants. */
const SELECTING_NOTHING =
  /(?<![\p{Emoji}\p{S}\p{P}\p{Script=Han}\p{Script=Mongolian}\p{Script=Myanmar}\p{Script=Phags_Pa}])\p{Variation_Selector}/gu;
const BREAKS = /\s*[\t\n\v\f\r\x85\u2028\u2029]\s*/g;
const BLANK = /\p{Z}/gu;
/** Fillers of Korean and the empty pattern of Braille look like blanks. */
const ENDS = /^[ \u3164\uffa0\u2800]+|[ \u3164\uffa0\u2800]+$/g;
const NOTHING_SEEN = /^[\p{Z}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/**
 * A cell as a person sees it: in NFC, with plain blanks, none at its ends, and nothing invisible. A line break within
 * it is a blank. Control characters stay, to be told. What is clean already stays as it is.
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
  // What was taken away may have stood between two that don't belong together.
  return clean === raw ? clean : cleanCell(clean);
}
