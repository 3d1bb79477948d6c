import { httpServer } from './http-server.ts';
import { smallAws } from './small-aws.ts';

/** A small AWS behind HTTP, and the environment in which a function finds it; stopped when the test is over. */
export async function awsServer() {
  const aws = smallAws();
  const { url, connections } = await httpServer(({ headers, body }, response) => {
    const { status, type, body: text } = aws.answer(headers['x-amz-target']?.toString(), body);
    response.writeHead(status, { 'content-type': type });
    response.end(text);
  });
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'AKID',
    AWS_SECRET_ACCESS_KEY: 'key-of-the-role',
    AWS_SESSION_TOKEN: 'session-of-the-role',
    DOORBELL_STAGE: 'test',
  };
  return { ...aws, url, environment, connections };
}
