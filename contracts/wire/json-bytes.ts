/** Bytes that are no UTF-8 are refused, not replaced: a name in CP949 would be stored as question marks. A mark is passed over. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** How bytes begin that are text, or packed text, in another form than UTF-8; `00` and `xx` are what ASCII has there. */
const OTHERWISE: readonly [form: string, beginnings: readonly RegExp[]][] = [
  ['UTF-32', [/^0000feff/, /^fffe0000/, /^000000../, /^..000000/]],
  ['UTF-16', [/^feff/, /^fffe/, /^00../, /^..00/]],
  ['compressed by gzip', [/^1f8b/]],
];

/** The form of bytes that are not UTF-8, or null if they don't show one: by a mark, or by where ASCII has its zeros. */
export function formOf(bytes: Uint8Array): string | null {
  const beginning = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return OTHERWISE.find(([, beginnings]) => beginnings.some((each) => each.test(beginning)))?.[0] ?? null;
}

/**
 * Reads JSON as it came over a wire: UTF-8, and a byte order mark before it is ignored, as RFC 8259, 8.1 allows a parser
 * to. Never throws: `fault` says in words what is wrong. Pure.
 */
export function parseJsonBytes(bytes: Uint8Array): { value: unknown } | { fault: string } {
  try {
    return { value: JSON.parse(UTF8.decode(bytes)) };
  } catch (error) {
    const form = formOf(bytes);
    return { fault: form === null ? (error as Error).message : `it is ${form}; send UTF-8 as it is` };
  }
}
