import { LLMock } from '@copilotkit/aimock';
import { TimerPause } from '../../src/common/index.js';
import { OfflineModel } from '../../src/models/offline/offline-model.js';
import { OpenAiModel } from '../../src/models/openai/openai-model.js';
import { SystemClock } from '../../src/common/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { AnthropicModel } from '../../src/models/anthropic/anthropic-model.js';
import { event, messageEnd, messageStart, textBlock } from '../support/messages-api.js';
import { frame } from '../support/provider.js';
import { describeChatModel, describeServedModel } from './chat-model.contract.js';

describeChatModel('the offline model', () =>
  Promise.resolve({ model: new OfflineModel(new TimerPause()), close: () => Promise.resolve() }),
);

/** A server that speaks the APIs of several providers; not ours, so that it agrees with us only where we are right. */
async function startProvider(): Promise<LLMock> {
  const provider = new LLMock({ port: 0, logLevel: 'silent', chunkSize: 8 });
  await provider.start();
  provider.onMessage('Who are you?', {
    content: 'I am the model of this test, and I answer in several pieces.',
    usage: { prompt_tokens: 5, completion_tokens: 9, total_tokens: 14, input_tokens: 5, output_tokens: 9 },
  });
  provider.onMessage('What are the CSR requirements?', {
    toolCalls: [{ name: 'search_tender_corpus', arguments: '{"query":"CSR"}' }],
  });
  return provider;
}

describeChatModel('an OpenAI-compatible server', async () => {
  const provider = await startProvider();
  const settings = loadSettings({ OPENAI_BASE_URL: `${provider.url}/v1`, OPENAI_API_KEY: 'test' });
  return { model: new OpenAiModel(settings, new SystemClock()), close: () => provider.stop() };
});

describeChatModel('a server of the Messages API', async () => {
  const provider = await startProvider();
  const settings = loadSettings({ ANTHROPIC_BASE_URL: provider.url, ANTHROPIC_API_KEY: 'test' });
  return { model: new AnthropicModel(settings, new SystemClock(), 'claude-x'), close: () => provider.stop() };
});

const SHORT = { MODEL_TIMEOUT_MS: '300', MODEL_STALL_MS: '300' };

describeServedModel('an OpenAI-compatible server', {
  model: (url) =>
    new OpenAiModel(loadSettings({ ...SHORT, OPENAI_BASE_URL: `${url}/v1` }), new SystemClock()),
  frames: (text) => [
    frame({ role: 'assistant' }),
    frame({ content: text }),
    frame({}, 'stop'),
    'data: [DONE]\n\n',
  ],
  failure: 'data: {"error":{"message":"Overloaded","type":"server_error","code":503}}\n\n',
});

describeServedModel('a server of the Messages API', {
  model: (url) =>
    new AnthropicModel(loadSettings({ ...SHORT, ANTHROPIC_BASE_URL: url }), new SystemClock(), 'm'),
  frames: (text) => [messageStart(), textBlock(0, text), messageEnd(), ''],
  failure: event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
});
