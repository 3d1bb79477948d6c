/** Thrown if the publisher does not answer within the retries, or another program answers in its place. */
export class PublisherAway extends Error {
  override name = 'PublisherAway';
}
