import { parts } from '../../consumers/all.ts';
import { queryDocument } from '../../consumers/query/document.ts';
import { asyncApi } from '../../contracts/documents/asyncapi.ts';
import { notificationSchema } from '../../contracts/documents/notification-schema.ts';
import { shopDomain } from '../../contracts/documents/shops/domain.ts';
import { publisherDocument } from '../../contracts/documents/shops/openapi-publisher.ts';
import { shopTopologyOf } from '../infrastructure/shop-topology.ts';
import { templateOf } from '../infrastructure/template/template.ts';
import { TEMPLATE_FILE, templateText } from '../infrastructure/template/text.ts';
import { configurationPage } from '../operate/config/page.ts';

/** The command that writes the documents anew. */
export const REFRESH = 'npm run contracts -- docs';

/** Makes every API document: its file under `docs/api/` and its text. Pure. */
export function documentFiles(): { file: string; text: string }[] {
  const queries = parts.map((part): [string, unknown] => {
    return [`${part.consumer.agreement.name}-query.openapi.json`, queryDocument(part)];
  });
  const documents: [string, unknown][] = [
    ['publisher.openapi.json', publisherDocument()],
    ...queries,
    ['doorbell.asyncapi.json', asyncApi(shopTopologyOf(), shopDomain)],
    ['notification.schema.json', notificationSchema(shopDomain)],
  ];
  return documents.map(([file, document]) => ({ file, text: `${JSON.stringify(document, null, 2)}\n` }));
}

/** Makes the other generated files, the CloudFormation template too: file in the project and text. Pure. */
export function pageFiles(): { file: string; text: string }[] {
  return [
    { file: 'docs/configuration.md', text: configurationPage() },
    { file: TEMPLATE_FILE, text: templateText(templateOf()) },
  ];
}
