import { LINE_END } from './clean-cell.ts';
import { decodeCp949, NotCp949 } from './cp949.ts';

/** Thrown for bytes that can't be read as text. The message says why, and what to do. */
export class NotText extends Error {
  override name = 'NotText';
}

const ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'euc-kr'] as const;

/** The encoding of a file. `euc-kr` means CP949, which includes all of EUC-KR. */
export type Encoding = (typeof ENCODINGS)[number];

/** Other names of the encodings. */
const OTHER_NAMES: Record<Encoding, string[]> = {
  'utf-8': ['utf8', 'utf-8-sig'],
  'utf-16le': ['utf16le', 'utf-16', 'utf16'],
  'utf-16be': ['utf16be'],
  'euc-kr': [
    ...['euckr', 'cp949', 'ms949', 'windows-949', '949', 'uhc', 'korean'],
    ...['ksc5601', 'ks_c_5601', 'ks_c_5601-1987'],
  ],
};

/** Finds an encoding by name, in upper or lower case; null if it is unknown. */
export function encodingNamed(name: string): Encoding | null {
  const lower = name.trim().toLowerCase();
  return ENCODINGS.find((each) => each === lower || OTHER_NAMES[each].includes(lower)) ?? null;
}

/** The names of all encodings, for people. */
export const encodingNames = `${ENCODINGS.join(', ')} (euc-kr is CP949, too)`;

/**
 * Decodes a file by its byte order mark, else by the given encoding, else as UTF-8. Throws NotText for other content.
 * The encoding is never guessed, because a wrong guess makes unreadable names.
 */
export function decode(bytes: Uint8Array, stated: Encoding | null = null): string {
  refuseOtherFiles(bytes);
  const encoding = markOf(bytes) ?? stated ?? 'utf-8';
  // Korean in UTF-8 has bytes from 0xe0 on where EUC-KR has none that would be UTF-8.
  if (encoding === 'euc-kr' && isWhole(bytes, 'utf-8') && bytes.some((byte) => byte >= 0xe0))
    throw new NotText('The file is UTF-8, not EUC-KR: leave out --encoding');
  const text = read(bytes, encoding);
  if (typeof text === 'string' && !text.includes('\0')) return text;
  const damage = typeof text === 'string' ? bytes.indexOf(0) : text.at;
  throw new NotText(`The file is not ${encoding.toUpperCase()}: ${whyNot(bytes, encoding, damage)}`);
}

/** Files that are often mistaken for CSV, by their first bytes. */
const OTHER_FILES: [what: string, firstBytes: number[], remedy: string][] = [
  ['an Excel workbook', [0x50, 0x4b, 0x03, 0x04], 'save it as "CSV UTF-8"'],
  ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0], 'save it as "CSV UTF-8"'],
  ['compressed by gzip', [0x1f, 0x8b], 'unpack it first'],
  ['a PDF', [0x25, 0x50, 0x44, 0x46], 'ask for the table as CSV'],
  ['UTF-32', [0xff, 0xfe, 0, 0], 'save it as UTF-8'],
  ['UTF-32', [0, 0, 0xfe, 0xff], 'save it as UTF-8'],
];

const beginsWith = (bytes: Uint8Array, first: number[]) => first.every((byte, n) => bytes[n] === byte);

function refuseOtherFiles(bytes: Uint8Array): void {
  const other = OTHER_FILES.find(([, first]) => beginsWith(bytes, first));
  if (other !== undefined) throw new NotText(`The file is ${other[0]}, not CSV: ${other[2]}`);
}

/** Reads the byte order mark. It goes before the given encoding, because it is part of the file. */
function markOf(bytes: Uint8Array): Encoding | null {
  if (beginsWith(bytes, [0xef, 0xbb, 0xbf])) return 'utf-8';
  if (beginsWith(bytes, [0xff, 0xfe])) return 'utf-16le';
  return beginsWith(bytes, [0xfe, 0xff]) ? 'utf-16be' : null;
}

function whyNot(bytes: Uint8Array, encoding: Encoding, at: number): string {
  if (encoding.startsWith('utf-16')) return `byte ${at + 1} is not valid in it, or is 0, or the file is cut off`;
  if (bytes.includes(0)) return whyZeros(bytes);
  if (isWhole(bytes, encoding)) return 'it ends within a character, so the file is cut off';
  const found = `byte 0x${(bytes[at] ?? 0).toString(16).padStart(2, '0')} on line ${lineOf(bytes, at)} is not valid in it`;
  if (encoding !== 'utf-8') return found;
  if (typeof read(bytes, 'euc-kr') === 'string')
    return `${found}. It can be read as EUC-KR (CP949), as Korean offices write it: add --encoding euc-kr`;
  return `${found}, and it isn't EUC-KR (CP949) either. It is damaged, or needs another --encoding: ${encodingNames}`;
}

function whyZeros(bytes: Uint8Array): string {
  const sixteen = bytes[0] === 0 ? 'utf-16be' : bytes[1] === 0 ? 'utf-16le' : null;
  if (sixteen !== null) return `every other byte is 0. It may be UTF-16: add --encoding ${sixteen}`;
  return `line ${lineOf(bytes, bytes.indexOf(0))} has a byte that is 0, which text never has`;
}

const lineOf = (bytes: Uint8Array, at: number) =>
  new TextDecoder('latin1').decode(bytes.subarray(0, at)).split(LINE_END).length;

/** Reads the text, or returns the position of the first invalid byte. */
function read(bytes: Uint8Array, encoding: Encoding): string | { at: number } {
  try {
    return encoding === 'euc-kr' ? decodeCp949(bytes) : new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof NotCp949) return { at: error.at };
    return { at: firstDamage(bytes, encoding) };
  }
}

/** Finds the first byte that can't be decoded, by halving: a decoder does not tell its position. */
function firstDamage(bytes: Uint8Array, encoding: Encoding): number {
  let [good, bad] = [0, bytes.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isWhole(bytes.subarray(0, middle), encoding)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Tells whether all bytes are valid in an encoding. The last character may be cut off. */
function isWhole(bytes: Uint8Array, encoding: Encoding): boolean {
  if (encoding === 'euc-kr') return typeof read(bytes.subarray(0, -1), encoding) === 'string';
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
