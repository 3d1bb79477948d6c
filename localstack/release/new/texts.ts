/** The names that the code of a consumer uses: `night-press` is `nightPress` there. */
export const codeName = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The file of the agreement, by its path from the root of the project. */
export const agreementFile = (name: string): string => `contracts/shops/agreements/${name}.ts`;

/** The file of the consumer as a service, by its path from the root of the project. */
export const partFile = (name: string): string => `consumers/${name}/part.ts`;

/** The file that starts the images of production beside each other, by its path from the root of the project. */
export const COMPOSE_FILE = 'localstack/infrastructure/docker-compose.yml';

/** The agreement of a new consumer: two fields, to be replaced by those that it needs. */
export function agreementText(name: string): string {
  return `import * as z from 'zod/mini';
import { defineShopAgreement } from '../define-agreement.ts';
import { Region, ShopName } from '../shop.ts';

/** The fields that ${name} gets: which shop is where. */
export const ${codeName(name)}Agreement = defineShopAgreement({
  name: '${name}',
  version: 1,
  wakesOn: ['shop.registered', 'shop.details-changed', 'shop.closed'],
  path: '/${name}/shops',
  resource: z.object({ name: ShopName, region: Region }),
});
`;
}

/** The consumer as a service: one line about each shop, to be replaced by the view that it needs. */
export function partText(name: string): string {
  const own = codeName(name);
  return `import * as z from 'zod/mini';
import { ${own}Agreement } from '../../${agreementFile(name)}';
import { definePart } from '../part.ts';
import { defineConsumer } from '../runtime/define-consumer.ts';

/** The ${name} consumer as a service: one headline for each shop. */
export const ${own}Part = definePart({
  consumer: defineConsumer({
    agreement: ${own}Agreement,
    view: z.object({ headline: z.string() }),
    project: ({ name, region }) => ({ headline: \`\${name} in \${region.province ?? 'Korea'}\` }),
  }),
});
`;
}

/** The compose file with the consumer as one more container, at the next port and with a volume for its views. */
export function composeText(text: string, name: string): string {
  const port = 3001 + text.split('target: consumer').length - 1;
  const service = `  ${name}:
    profiles: [images]
    build: { context: ../.., dockerfile: localstack/infrastructure/images/Dockerfile, target: consumer }
    env_file: [{ path: ../../.env.${name}, required: false }]
    ports: ["127.0.0.1:${port}:3001"]
    volumes: ["${name}:/var/lib/doorbell"]
    <<: *confined
`;
  return `${text.replace(/^volumes:\n/m, (volumes) => service + volumes)}  ${name}:\n`;
}
