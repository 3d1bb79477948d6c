import { describe, expect, test } from 'vitest';
import { CsvError, readCsv, readCsvFile } from '../../../localstack/import/read-csv.ts';

const header = 'id,name,category,address,item,price\n';
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a file of shops', () => {
  test('is read with the line each row begins on, line breaks in fields and all', () => {
    const rows = readCsv(bytes(`${header}a,A,c,"x\ny",i,1\nb,B,c,z,i,2\n`));
    expect(rows.map(({ line, values }) => [line, values.id, values.address])).toEqual([
      [2, 'a', 'x\ny'],
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
    ['without a row', bytes(header), 'would close every one there is'],
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

  test('may have blanks around the names of its columns', () => {
    const [row] = readCsv(bytes(' id , name,category,address,item,price \na,A,c,x,i,1\n'));
    expect(row?.values).toMatchObject({ id: 'a', name: 'A', price: '1' });
  });

  test('that is not there is said to be so', () => {
    expect(() => readCsvFile('/no/such/file.csv')).toThrow("/no/such/file.csv can't be read");
  });
});
