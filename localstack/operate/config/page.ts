import { consumerVariables } from '../../../consumers/variables.ts';
import type { Variable, Variables } from '../../../contracts/environment/variable.ts';
import { migrationVariables, publisherVariables } from '../../../publisher/variables.ts';
import { devVariables } from '../../start/variables.ts';

/** A part of the page: the rows of a table that a reader has. */
type Section = { title: string; text: string; table: Variables; readers: Record<string, string> };

const sections: Section[] = [
  {
    title: 'Publisher',
    text: 'Written in `publisher/variables.ts`. The process is `node publisher/main.ts`; the others are Lambda functions.',
    table: publisherVariables,
    readers: {
      publisher: 'process',
      'publisher-api': '`publisher-api`',
      'publisher-relay': '`publisher-relay`',
      'publisher-migrate': '`publisher-migrate`',
    },
  },
  {
    title: 'Migrations',
    text: 'For `node publisher/migrate.ts`, which brings the schema up to date and ends. It reads nothing else.',
    table: migrationVariables,
    readers: { migration: 'process' },
  },
  {
    title: 'Consumers',
    text: 'Written in `consumers/variables.ts`. A consumer is one process, `node consumers/main.ts`, or two Lambda functions: `<name>` handles its queue and `<name>-queries` answers.',
    table: consumerVariables,
    readers: { consumer: 'process', 'consumer-handler': '`<name>`', 'consumer-queries': '`<name>-queries`' },
  },
  {
    title: 'Development and tests',
    text: 'Written in `localstack/start/variables.ts`. `npm start` needs none of them.',
    table: devVariables,
    readers: { dev: '`npm start`', test: 'tests' },
  },
];

const HEAD = `# Configuration

Made from the tables in the code by \`npm run contracts -- docs\`; a test fails while it is stale. Don't write here.

Every program reads its environment once, at its start, and refuses to start with a list of all that is missing, malformed or unknown.
An unknown variable is one that begins with \`DOORBELL_\` and is in no table below (\`DOORBELL_QUEU_URL: unknown; did you mean
DOORBELL_QUEUE_URL?\`); one of another side is no mistake, since one file may serve them all. \`NAME=\` says nothing, as if it weren't there.

\`\`\`sh
npm run doorbell -- config                              # what publisher, consumer and npm start would read, and from where
npm run doorbell -- config display --env display.env    # a file below the environment, as node --env-file reads it
npm run doorbell -- config publisher-api --json         # a Lambda function, for programs; exits 1 if it could not start
\`\`\`

Secrets are never shown: the password of a URL as \`***\`, a token by its length. Digests of tokens (SHA-256) are no secrets, and are
shown by their first eight digits; what is no digest is hidden, for it may be the token.
`;

/** `docs/configuration.md`. Pure. */
export function configurationPage(): string {
  return `${[HEAD, ...sections.map(sectionText), AWS].join('\n')}`;
}

function sectionText({ title, text, table, readers }: Section): string {
  const rows = Object.entries(table)
    .filter(([name]) => !name.startsWith('AWS_'))
    .map(([name, variable]) => row(name, variable, readers));
  return [`## ${title}\n`, `${text}\n`, ...heads('Read by'), ...rows, ''].join('\n');
}

const heads = (last: string) => [`| Variable | What | Default | Example | ${last} |`, '|---|---|---|---|---|'];

function row(name: string, variable: Variable, readers: Record<string, string>): string {
  const by = variable.readBy.map((reader) => readers[reader] ?? reader).join(', ');
  return cells([`\`${name}\``, whatText(variable), defaultText(variable), `\`${variable.example}\``, by]);
}

const cells = (texts: readonly string[]) => `| ${texts.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

const WHAT_IS_HIDDEN = {
  password: 'Holds a password.',
  token: '**Secret.**',
  digest: 'No secret: a digest opens nothing.',
};

function whatText({ what, secret }: Variable): string {
  return secret === undefined ? what : `${what} ${WHAT_IS_HIDDEN[secret]}`;
}

function defaultText({ default: otherwise, unit, optional }: Variable): string {
  if (otherwise !== undefined) return `\`${otherwise}\`${unit === undefined ? '' : ` ${unit}`}`;
  return optional ? 'may be left out' : '**must be stated**';
}

/** Those of the SDK are the same wherever it calls. */
const AWS = [
  '## AWS\n',
  'Read by the AWS SDK in every process that calls SNS, SQS or DynamoDB. On Lambda, ECS and EC2 a role says who calls, and none of the keys is set.\n',
  ...heads('Read by'),
  ...Object.entries({ ...publisherVariables, ...consumerVariables, ...devVariables } as Variables)
    .filter(([name]) => name.startsWith('AWS_'))
    .map(([name, variable]) => row(name, { ...variable, readBy: ['processes'] }, {})),
  '',
].join('\n');
