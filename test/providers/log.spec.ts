import { Client } from '../support/client.js';
import { Provider, refuses } from '../support/provider.js';
import { ServerProcess } from '../support/server-process.js';
import { until } from '../support/until.js';

// What the operator reads: the log and the lines at startup.

let provider: Provider;
let server: ServerProcess;

async function setup(env: Record<string, string> = {}): Promise<Client> {
  provider = await Provider.start(
    refuses(401, {
      error: {
        message: 'Incorrect API key provided: sk-very-secret-key',
        type: 'auth',
        code: 'invalid_api_key',
      },
    }),
  );
  server = await ServerProcess.start({ env: { ...provider.env, LOG_LEVEL: 'info', ...env } });
  return new Client(server.url);
}

afterEach(async () => {
  await server.terminate();
  await provider.stop();
});

const lines = (): Record<string, unknown>[] =>
  server.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const line = (msg: string) =>
  until(`"${msg}" is in the log`, () => lines().find((each) => each['msg'] === msg));

it('a failed run has its own line, and one for what the provider said', async () => {
  const client = await setup();
  const { message_id } = await client.send(await client.newChat(), 'hi');
  const run = await line('a run failed');
  expect(run).toMatchObject({
    level: 40,
    message_id,
    code: 'model_rejected',
    error: expect.stringContaining('Check OPENAI_API_KEY'),
    attempt: 1,
    context: 'RunExecutor',
  });
  expect(await line('a model request failed')).toMatchObject({
    level: 40,
    message_id,
    provider: {
      status: 401,
      type: 'auth',
      code: 'invalid_api_key',
      message: 'Incorrect API key provided: [redacted]',
    },
  });
  expect(server.output).not.toContain('sk-very-secret-key');
});

it('the start names the model and its server', async () => {
  await setup();
  await until('the model is named', () => server.output.includes(`model: m at 127.0.0.1:${provider.port}\n`));
});

it('the start says that the model cannot be reached, and does not wait for it', async () => {
  await setup({ OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' });
  await until('the model is named', () => server.output.includes('model: m at 127.0.0.1:9 (unreachable)\n'));
  expect(server.output.indexOf('listens on')).toBeLessThan(server.output.indexOf('(unreachable)\n'));
});
