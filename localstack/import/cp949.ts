/** Thrown for bytes that are not CP949. `at` is their position, counted from 0. */
export class NotCp949 extends Error {
  override name = 'NotCp949';
  readonly at: number;
  constructor(at: number) {
    super(`byte ${at} begins no character`);
    this.at = at;
  }
}

/**
 * Decodes CP949, the code page of Korean Windows: EUC-KR and 8,822 more syllables. Throws NotCp949. Node's own
 * `TextDecoder('euc-kr')` lacks those, and silently turns 똠 into U+008C and a letter (Node 24.21, ICU 78.3).
 */
export function decodeCp949(bytes: Uint8Array): string {
  const pairs = allPairs();
  const text: string[] = [];
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes[at] ?? 0;
    const char = lead < 0x80 ? String.fromCharCode(lead) : pairs.get((lead << 8) | (bytes[++at] ?? 0));
    if (char === undefined) throw new NotCp949(at - 1);
    text.push(char);
  }
  return text.join('');
}

/** Characters added to KS X 1001 in 1998, which ICU's table lacks. */
const SINCE_1998: [pair: number, char: string][] = [
  [0xa2e6, '€'],
  [0xa2e7, '®'],
];

let known: Map<number, string> | null = null;

function allPairs(): Map<number, string> {
  known ??= new Map([...standardPairs(), ...addedPairs(), ...SINCE_1998]);
  return known;
}

/** Lists the characters of KS X 1001, read from Node's decoder, without the private characters of user-defined rows. */
function standardPairs(): [pair: number, char: string][] {
  const decoder = new TextDecoder('euc-kr');
  const pairs = range(0xa1, 0xfe).flatMap((lead) => range(0xa1, 0xfe).map((trail) => [lead, trail] as const));
  const decoded = pairs.map(([lead, trail]): [number, string] => [
    (lead << 8) | trail,
    decoder.decode(new Uint8Array([lead, trail])),
  ]);
  return decoded.filter(([, char]) => !/[\ufffd\ue000-\uf8ff]/.test(char));
}

/** Computes the syllables that KS X 1001 lacks: they fill the free codes of its rows, in the order of Unicode. */
function addedPairs(): [pair: number, char: string][] {
  const standard = new Set(standardPairs().map(([, char]) => char));
  const syllables = range(0xac00, 0xd7a3).map((code) => String.fromCharCode(code));
  const letters = [...range(0x41, 0x5a), ...range(0x61, 0x7a)];
  const free = range(0x81, 0xc6).flatMap((lead) =>
    [...letters, ...range(0x81, lead < 0xa1 ? 0xfe : 0xa0)].map((trail) => (lead << 8) | trail),
  );
  return syllables.filter((char) => !standard.has(char)).map((char, n) => [free[n] ?? 0, char]);
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);
