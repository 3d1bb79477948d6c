import { consumerVariables } from '../../consumers/variables.ts';
import { text } from '../../contracts/environment/forms.ts';
import { defineVariables } from '../../contracts/environment/variable.ts';
import { publisherVariables } from '../../publisher/variables.ts';

const { DATABASE_URL, DATABASE_ADMIN_URL, DOORBELL_TOPIC_ARN } = publisherVariables;
const { DOORBELL_BROKER, DOORBELL_QUEUE_URL, DOORBELL_DEAD_LETTER_QUEUE_URL, DOORBELL_SOURCE_URL, DOORBELL_VIEWS } =
  consumerVariables;

/**
 * The variables that commands read. Each one that is set goes before the same address of what `npm start` runs.
 * `system` are the commands that read events and ring, `letters` is `dlq`, `views` are those that read
 * views, and `hold` is `resume`.
 */
export const commandVariables = defineVariables({
  DATABASE_URL: { ...DATABASE_URL, readBy: ['system'], optional: true },
  DATABASE_ADMIN_URL: { ...DATABASE_ADMIN_URL, readBy: ['system'] },
  DOORBELL_TOPIC_ARN: { ...DOORBELL_TOPIC_ARN, readBy: ['system'], optional: true },
  DOORBELL_CONSUMER: {
    what: 'Name of the consumer whose addresses are set; it may be unknown to this repository.',
    schema: text(/^[a-z][a-z0-9-]{0,39}$/, 'the name of a consumer'),
    readBy: ['system', 'letters', 'views', 'hold'],
    optional: true,
    example: 'search',
  },
  DOORBELL_BROKER: {
    what: 'feed for a consumer without a queue, whose dead letters are kept with its views.',
    schema: DOORBELL_BROKER.schema,
    readBy: ['letters'],
    optional: true,
    example: 'feed',
  },
  DOORBELL_QUEUE_URL: { ...DOORBELL_QUEUE_URL, readBy: ['system', 'letters'], optional: true },
  DOORBELL_DEAD_LETTER_QUEUE_URL: { ...DOORBELL_DEAD_LETTER_QUEUE_URL, readBy: ['letters'], optional: true },
  DOORBELL_SOURCE_URL: { ...DOORBELL_SOURCE_URL, readBy: ['views'], optional: true },
  DOORBELL_SOURCE_TOKEN: {
    what: 'Token of the agreement, if its source asks for one.',
    // Not in the form of our own publisher: another source may have tokens of another form.
    schema: text(/^[\x21-\x7e]+$/, 'a token, without spaces'),
    readBy: ['views'],
    optional: true,
    secret: 'token',
    example: '43 characters, as openssl rand -base64 32 makes them',
  },
  DOORBELL_VIEWS: { ...DOORBELL_VIEWS, readBy: ['letters', 'views', 'hold'], optional: true },
});
