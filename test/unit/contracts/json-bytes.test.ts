import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseJsonBytes } from '../../../contracts/wire/json-bytes.ts';

const utf8 = (text: string) => Buffer.from(text, 'utf8');
const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => utf16le(text).swap16();
const utf32le = (text: string) =>
  Buffer.concat([...text].map((c) => Buffer.from(Uint32Array.of(c.codePointAt(0) ?? 0).buffer)));
const utf32be = (text: string) => utf32le(text).swap32();

const said = '{"name":"바보네집"}';

describe('JSON from a wire', () => {
  test('may have a byte order mark before it, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parseJsonBytes(utf8(`\ufeff${text}`))).toEqual(parseJsonBytes(utf8(text)));
        expect(parseJsonBytes(utf8(text))).toEqual({ value: JSON.parse(text) });
      }),
    );
  });

  test('keeps a mark that stands inside a text', () => {
    expect(parseJsonBytes(utf8('"\ufeffa\ufeff"'))).toEqual({ value: '\ufeffa\ufeff' });
  });

  test.each([
    ['UTF-16', 'little-endian', utf16le(said)],
    ['UTF-16', 'little-endian, with a mark', utf16le(`\ufeff${said}`)],
    ['UTF-16', 'big-endian', utf16be(said)],
    ['UTF-16', 'big-endian, with a mark', utf16be(`\ufeff${said}`)],
    ['UTF-32', 'little-endian', utf32le(said)],
    ['UTF-32', 'little-endian, with a mark', utf32le(`\ufeff${said}`)],
    ['UTF-32', 'big-endian', utf32be(said)],
    ['UTF-32', 'big-endian, with a mark', utf32be(`\ufeff${said}`)],
    ['compressed by gzip', 'as curl --compressed would', Buffer.from('1f8b0800000000000003', 'hex')],
  ])('in %s (%s) is refused in words', (form, _, bytes) => {
    expect(parseJsonBytes(bytes)).toEqual({ fault: `it is ${form}; send uncompressed UTF-8` });
  });

  test.each([
    ['nothing', utf8('')],
    ['a mark alone', utf8('\ufeff')],
    ['two marks', utf8(`\ufeff\ufeff${said}`)],
    ['a mark behind', utf8(`${said}\ufeff`)],
    ['a mark cut off', Buffer.concat([Buffer.from([0xef, 0xbb]), utf8(said)])],
    ['CP949', Buffer.from('7b226e616d65223a22b9d9bab8227d', 'hex')],
    ['text', utf8('hello')],
  ])('%s is refused, and nothing is thrown', (_, bytes) => {
    expect(parseJsonBytes(bytes)).toEqual({ fault: expect.stringMatching(/./) });
  });
});
