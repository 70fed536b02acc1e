import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readAgentsFile } from '../../../src/agent/catalogue/agents-file.js';
import type { ModelAgent } from '../../../src/agent/catalogue/definition.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { Client } from '../../support/client.js';
import { RawStream } from '../../support/raw-stream.js';
import { until } from '../../support/until.js';
import { eventsIn, textIn } from './reader.js';

const FOLDER = fileURLToPath(new URL('../../../examples/travel-agent', import.meta.url));

describe('examples/travel-agent, offline', () => {
  let recorded: ChildProcess;
  let app: TestApp;

  beforeAll(async () => {
    let output = '';
    recorded = spawn(process.execPath, [path.join(FOLDER, 'recorded.mjs')], {
      env: { PATH: process.env['PATH'], PORT: '0' },
    });
    recorded.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const url = await until('the recorded answers can be asked', () => /http:\/\/[\d.:]+/.exec(output)?.[0]);
    app = await startTestApp({
      AGENTS_FILE: path.join(FOLDER, 'agents.yaml'),
      TOOLBOX: 'geocode,weather,convert_currency',
      GEOCODE_URL: `${url}/geocode`,
      WEATHER_URL: `${url}/weather`,
      CURRENCY_URL: `${url}/rates`,
      OPENAI_BASE_URL: `${url}/v1`,
      OPENAI_API_KEY: 'recorded',
      OPENAI_MODEL: 'recorded',
    });
  });
  afterAll(async () => {
    await app.destroy();
    const closed = once(recorded, 'close');
    recorded.kill();
    await closed;
  });

  const chat = async (message: string, session_id?: string): Promise<RawStream> =>
    (await RawStream.post(`${app.url}/chat/stream`, { message, session_id })).end();

  it('geocodes before it asks for the weather, converts meanwhile, and answers from what it found', async () => {
    const stream = await chat('What is the weather in Tokyo, and how much is 100 USD in Yen?');
    const steps = eventsIn(stream.text).flatMap(({ type, data }) => (type === 'step' ? [data] : []));
    expect(steps.map(({ tool }) => tool as string).sort()).toEqual([
      'convert_currency',
      'geocode',
      'weather',
    ]);
    expect(steps.at(-1)).toMatchObject({ tool: 'weather', success: true });
    expect(steps.every(({ success }) => success === true)).toBe(true);
    expect(textIn(stream.text)).toBe(
      'In Tokyo it is 11.4 °C now, partly cloudy. 100 USD are 15631 JPY (rate of 2026-11-26).',
    );
    expect(eventsIn(stream.text).at(-1)?.data.tools_used).toEqual(
      expect.arrayContaining(['geocode', 'convert_currency', 'weather']),
    );
  });

  it('goes on in the same session', async () => {
    const first = await chat('What is the weather in Tokyo?');
    const id = String(first.headers['x-session-id']);
    expect(textIn((await chat('And how many yen are 5 dollars?', id)).text)).toBe(
      '5 USD are 782 JPY (rate of 2026-11-26).',
    );
  });

  it('has the tools and the type rules of the guide', async () => {
    const { agents } = (await new Client(app.url).get('/discover')).body;
    expect(agents).toMatchObject([{ name: 'travel', tools: ['geocode', 'weather', 'convert_currency'] }]);
    const { instructions } = readAgentsFile(path.join(FOLDER, 'agents.yaml')).agents[0] as ModelAgent;
    expect(instructions).toContain(
      'latitude, lat, longitude, lon: JSON numbers, e.g. 35.6762, not "35.6762"',
    );
    expect(instructions).toContain('always geocode the location first');
  });
});
