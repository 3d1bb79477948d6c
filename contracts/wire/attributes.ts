/** Stream that a ring belongs to: a change just now, a replay, or the filling of a new consumer. */
export type Lane = 'live' | 'replay' | 'bootstrap';

/** Transport facts about one ring; never data of the resource. */
export type RingFacts = {
  /** UUIDv7 of the event. Two real changes can have the same body; they never have the same event id. */
  eventId?: string;
  /** The resource's version at that event. */
  version?: number;
  /** Milliseconds since the epoch. For measuring lag, never for ordering. */
  occurredAt?: number;
  /** Trace context in the format of W3C Trace Context. */
  traceparent?: string;
  /** Absent means `live`. */
  lane?: Lane;
};

/** A message attribute in the format of SNS and SQS. */
export type MessageAttribute = { DataType: string; StringValue?: string };
export type MessageAttributes = Record<string, MessageAttribute>;

const string = (value: string): MessageAttribute => ({ DataType: 'String', StringValue: value });
const number = (value: number): MessageAttribute => ({ DataType: 'Number', StringValue: String(value) });

/** Writes the attributes of a ring: at most six. Raw delivery allows ten, and SNS drops a message with more. */
export function writeAttributes(type: string, facts: RingFacts): MessageAttributes {
  return {
    type: string(type),
    ...(facts.eventId !== undefined && { eventId: string(facts.eventId) }),
    ...(facts.version !== undefined && { version: number(facts.version) }),
    ...(facts.occurredAt !== undefined && { occurredAt: number(facts.occurredAt) }),
    ...(facts.traceparent !== undefined && { traceparent: string(facts.traceparent) }),
    ...(facts.lane !== undefined && facts.lane !== 'live' && { lane: string(facts.lane) }),
  };
}

/**
 * Reads the attributes of a ring. Never throws: an attribute that is missing, malformed or not known yet only means
 * that less is known, and the consumer looks.
 */
export function readAttributes(attributes: MessageAttributes | undefined): RingFacts {
  if (attributes === undefined) return {};
  const facts: RingFacts = {};
  const eventId = attributes.eventId?.StringValue;
  if (eventId !== undefined && /^[0-9a-fA-F-]{1,64}$/.test(eventId)) facts.eventId = eventId;
  const version = positive(attributes.version?.StringValue);
  if (version !== undefined) facts.version = version;
  const occurredAt = positive(attributes.occurredAt?.StringValue);
  if (occurredAt !== undefined && occurredAt <= LAST_INSTANT) facts.occurredAt = occurredAt;
  const traceparent = attributes.traceparent?.StringValue;
  if (traceparent !== undefined && /^[0-9a-f-]{1,64}$/.test(traceparent)) facts.traceparent = traceparent;
  const lane = attributes.lane?.StringValue;
  if (lane === 'replay' || lane === 'bootstrap') facts.lane = lane;
  return facts;
}

/** The last instant that JavaScript can write as a date, in the year 275760 (ECMA-262, "Time Values and Time Range"). */
const LAST_INSTANT = 8.64e15;

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
