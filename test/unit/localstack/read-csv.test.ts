import { describe, expect, test } from 'vitest';
import { CsvError, readCsv, readCsvFile } from '../../../localstack/import/read-csv.ts';

const header = 'id,name,category,address,item,price\n';
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a file of shops', () => {
  test('is read with the line each row begins on, line breaks in fields and all', () => {
    const rows = readCsv(bytes(`${header}a,A,c,"x\ny",i,1\nb,B,c,z,i,2\n`));
    expect(rows.map(({ line, values }) => [line, values.id, values.address])).toEqual([
      [2, 'a', 'x y'],
      [4, 'b', 'z'],
    ]);
  });

  test('may begin with a byte order mark and end its lines as Windows does', () => {
    expect(readCsv(bytes(`\ufeff${header.trim()}\r\na,A,c,x,i,1\r\n`))).toMatchObject([
      { line: 2, values: { id: 'a' } },
    ]);
  });

  test.each([
    ['not UTF-8', new Uint8Array([...bytes(header), 0xb0, 0xa1, 0x0a]), 'CP949'],
    ['without a column', bytes('id,name,category\n'), 'lacks the column address, item, price'],
    ['without a row', bytes(header), 'would close all shops'],
    ['with a column twice', bytes('id,name,category,address,item,price,name\na,A,c,x,i,1,B\n'), 'name twice'],
    ['empty', bytes(''), 'lacks the column id, name'],
    ['cut off in mid-row', bytes(`${header}a,A,c`), 'Line 2'],
    ['cut off in the last field', bytes(`${header}a,A,c,x,i,10`), 'cut off'],
    ['cut off in a quote', bytes(`${header}a,A,c,"x\n`), 'Quote Not Closed'],
    ['with a row too short', bytes(`${header}a,A,c\nb,B,c,x,i,1\n`), 'line 2'],
    ['with a row too long', bytes(`${header}a,A,c,x,i,1,2\n`), 'line 2'],
  ])('%s is refused as a whole', (_, file, message) => {
    expect(() => readCsv(file)).toThrow(CsvError);
    expect(() => readCsv(file)).toThrow(message);
    expect(() => readCsv(file)).toThrow('Nothing was imported.');
  });

  test.each([
    ['a header of Unix and rows of Windows', `${header}a,A,c,x,i,1\r\nb,B,c,x,i,1\r\n`, [2, 3]],
    ['a header of Windows and rows of Unix', `${header.trim()}\r\na,A,c,x,i,1\nb,B,c,x,i,1\n`, [2, 3]],
    ['the line ends of old Macs', `${header}a,A,c,x,i,1\nb,B,c,x,i,1\n`.replaceAll('\n', '\r'), [2, 3]],
    ['line ends that were converted twice', `${header}a,A,c,x,i,1\nb,B,c,x,i,1\n`.replaceAll('\n', '\r\r\n'), [2, 3]],
    ['a line break of each kind within cells', `${header}a,"A\r\nA",c,"x\ry",i,1\nb,B,c,x,i,1\n`, [2, 5]],
    ['blank lines at the end', `${header}a,A,c,x,i,1\nb,B,c,x,i,1\n\n\r\n \n`, [2, 3]],
    ['blank lines anywhere', `\n${header}\n\na,A,c,x,i,1\n \t\n\u3000\n\u200b\nb,B,c,x,i,1\n`, [5, 9]],
    ['rows of separators alone', `${header},,,,,\na,A,c,x,i,1\n,,,,,\n , ,,,,\nb,B,c,x,i,1\n,,,,,\n`, [3, 6]],
    ['blanks after its last line', `${header}a,A,c,x,i,1\nb,B,c,x,i,1\n  `, [2, 3]],
    ['the mark by which DOS ended a text', `${header}a,A,c,x,i,1\r\nb,B,c,x,i,1\r\n\u001a`, [2, 3]],
    ['columns without a name, and empty', `${header.trim()},,\na,A,c,x,i,1,,\nb,B,c,x,i,1\n`, [2, 3]],
    ['separators at the ends of some rows', `${header}a,A,c,x,i,1,,,,\nb,B,c,x,i,1\n`, [2, 3]],
    ['semicolons', `${header}a,A,c,x,i,1\nb,B,c,x,i,1\n`.replaceAll(',', ';'), [2, 3]],
    ['tabs', `${header}a,A,c,x,i,1\nb,B,c,x,i,1\n`.replaceAll(',', '\t'), [2, 3]],
    ['a line that names the separator', `sep=;\r\n${header}a,A,c,x,i,1\nb,B,c,x,i,1\n`.replaceAll(',', ';'), [3, 4]],
    ['quotes around everything', `${header}a,A,c,x,i,1\nb,B,c,x,i,1\n`.replace(/[^,\n]+/g, '"$&"'), [2, 3]],
    ['blanks around quotes', `${header}a, "A" ,c, "x",i,1\nb,B,c,x,i,1\n`, [2, 3]],
    [
      'a mark of byte order before a quote',
      `\ufeff"id",name,category,address,item,price\na,A,c,x,i,1\n\ufeff"b",B,c,x,i,1\n`,
      [2, 3],
    ],
    [
      'a mark of byte order before a quote, and tabs',
      `${header}a,A,c,x,i,1\n\ufeff"b",B,c,x,i,1\n`.replaceAll(',', '\t'),
      [2, 3],
    ],
  ])('may have %s, and its lines keep their numbers', (_, text, lines) => {
    const rows = readCsv(bytes(text));
    expect(rows.map(({ line }) => line)).toEqual(lines);
    expect(rows.map(({ values }) => values)).toMatchObject([
      { id: 'a', name: expect.stringMatching(/^A( A)?$/), address: expect.stringMatching(/^x( y)?$/), price: '1' },
      { id: 'b', name: 'B', category: 'c', address: 'x', item: 'i', price: '1' },
    ]);
  });

  test('has a comma in a cell where something else separates', () => {
    const [row] = readCsv(bytes(`${header.replaceAll(',', ';')}a;A, the first;c;x;i;1\n`));
    expect(row?.values.name).toBe('A, the first');
  });

  test('is clean in every cell, its columns too', () => {
    const text = `\u200bid,name\u00a0,category,address,item,price,parking\na,${'서울'.normalize('NFD')},c,\u3000x,i,1\u200b,Y\r\n`;
    expect(readCsv(bytes(text))).toEqual([
      { line: 2, values: { id: 'a', name: '서울', category: 'c', address: 'x', item: 'i', price: '1', parking: 'Y' } },
    ]);
  });

  test('is read in the encoding that was stated', () => {
    const korean = new Uint8Array([...bytes(header), ...bytes('a,'), 0x8c, 0x63, ...bytes(',c,x,i,1\n')]);
    expect(readCsv(korean, 'euc-kr')[0]?.values.name).toBe('똠');
    expect(() => readCsv(korean)).toThrow('--encoding euc-kr');
  });

  test.each([
    ['the same', header],
    ['the same, with blanks and a mark', `\ufeff ${header.replaceAll(',', ' , ')}`],
    ['the same in another order', 'name,id,category,address,item,price\n'],
    ['the same in quotes', header.replace(/[^,\n]+/g, '"$&"')],
  ])('that was put together of several is refused with the line of its second header: %s', (_, again) => {
    const text = `${header}a,A,c,x,i,1\n\n${again}b,B,c,x,i,1\n`;
    expect(() => readCsv(bytes(text))).toThrow('The columns are named again on line 4: several files were joined.');
  });

  test.each([
    [
      'a cell in a column without a name',
      `${header.trim()},\na,A,c,x,i,1,\nb,B,c,x,i,1,7\n`,
      'Column 7 has no name, but "7" stands in it on line 3',
    ],
    [
      'a separator in a cell without quotes',
      `${header}a,A,c,x 1, 2,i,1\n`,
      'Column 7 has no name, but "1" stands in it on line 2',
    ],
    ['another separator', header.replaceAll(',', '~'), 'names: id~name~category~address~item~price'],
    ['columns in another language', '업소명,업종,주소\n가,나,다\n', 'names: 업소명, 업종, 주소'],
    ['a row too short', `${header}a,A,c\nb,B,c,x,i,1\n`, 'line 2 ends after 3 cells: it lacks address, item, price'],
  ])('with %s is refused in words that name the cause', (_, text, message) => {
    expect(() => readCsv(bytes(text))).toThrow(message);
  });

  test('may have blanks around the names of its columns', () => {
    const [row] = readCsv(bytes(' id , name,category,address,item,price \na,A,c,x,i,1\n'));
    expect(row?.values).toMatchObject({ id: 'a', name: 'A', price: '1' });
  });

  test('that is not there is said to be so', () => {
    expect(() => readCsvFile('/no/such/file.csv')).toThrow("/no/such/file.csv can't be read");
  });
});
