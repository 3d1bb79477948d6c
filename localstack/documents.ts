import { publisherDocument } from '../contracts/documents/openapi-publisher.ts';

/** What refreshes the documents. */
export const REFRESH = 'npm run contracts -- docs';

/** Every derived document: its file under `docs/api/` and its text. Pure. */
export function documentFiles(): { file: string; text: string }[] {
  const documents: [string, unknown][] = [['publisher.openapi.json', publisherDocument()]];
  return documents.map(([file, document]) => ({ file, text: `${JSON.stringify(document, null, 2)}\n` }));
}
