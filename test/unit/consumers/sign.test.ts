import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSigner } from '../../../consumers/brokers/sqs/sign.ts';

/** The hash that the SDK's signer asks for. */
class Sha256 {
  readonly #hash;
  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret as Buffer);
  }
  update(data: Uint8Array) {
    this.#hash.update(data);
  }
  async digest() {
    return new Uint8Array(this.#hash.digest());
  }
}

test.each([
  ['sqs', '1.0'],
  ['secretsmanager', '1.1'],
] as const)('signs for %s to the byte what the SDK signs', async (service, version) => {
  const sign = createSigner(service);
  const request = fc.record({
    host: fc.constantFrom('sqs.eu-west-1.amazonaws.com', 'localhost:4566', '127.0.0.1:1'),
    region: fc.constantFrom('eu-west-1', 'us-east-1'),
    target: fc.constantFrom('AmazonSQS.ReceiveMessage', 'AmazonSQS.DeleteMessageBatch'),
    body: fc.string({ unit: 'binary', maxLength: 300 }),
    secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{40}$/),
    sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+=]{1,200}$/), { nil: undefined }),
    now: fc.date({ min: new Date('2000-01-01'), max: new Date('2090-01-01'), noInvalidDate: true }),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ secretAccessKey, sessionToken, now, ...rest }) => {
      const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey, ...(sessionToken && { sessionToken }) };
      const ours = sign({ ...rest, credentials, now: now.getTime() });
      const sdk = new SignatureV4({
        credentials,
        region: rest.region,
        service,
        sha256: Sha256,
        applyChecksum: false,
      });
      const headers = {
        host: rest.host,
        'content-type': `application/x-amz-json-${version}`,
        'x-amz-target': rest.target,
      };
      const signed = await sdk.sign(
        { method: 'POST', protocol: 'https:', hostname: rest.host, path: '/', headers, body: rest.body },
        { signingDate: now },
      );
      expect(ours).toEqual({ ...signed.headers, host: undefined });
    }),
  );
});
