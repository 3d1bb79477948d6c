/**
 * Refuses bytes that are not UTF-8 instead of replacing them: a name in CP949 would be stored as question marks. A byte
 * order mark is ignored.
 */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * First bytes of text in other encodings and of compressed text; `00` and `xx` stand where ASCII has a zero byte or a
 * letter.
 */
const OTHERWISE: readonly [form: string, beginnings: readonly RegExp[]][] = [
  ['UTF-32', [/^0000feff/, /^fffe0000/, /^000000../, /^..000000/]],
  ['UTF-16', [/^feff/, /^fffe/, /^00../, /^..00/]],
  ['compressed by gzip', [/^1f8b/]],
];

/**
 * Names the form of bytes that are not UTF-8, or null if it is unknown. It shows by a byte order mark, or by the place
 * of zero bytes.
 */
export function formOf(bytes: Uint8Array): string | null {
  const beginning = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return OTHERWISE.find(([, beginnings]) => beginnings.some((each) => each.test(beginning)))?.[0] ?? null;
}

/**
 * Parses JSON from a wire: UTF-8, with a byte order mark ignored, as RFC 8259, 8.1 allows a parser to do. Never throws:
 * `fault` says what is wrong. Pure.
 */
export function parseJsonBytes(bytes: Uint8Array): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(UTF8.decode(bytes)) };
  } catch (error) {
    const form = formOf(bytes);
    return { fault: form === null ? (error as Error).message : `it is ${form}; send uncompressed UTF-8` };
  }
}
