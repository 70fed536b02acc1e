import { LLMock } from '@copilotkit/aimock';
import { TimerPause } from '../../src/common/index.js';
import { OfflineModel } from '../../src/models/offline/offline-model.js';
import { OpenAiModel } from '../../src/models/openai/openai-model.js';
import { SystemClock } from '../../src/common/index.js';
import { loadSettings } from '../../src/platform/config/index.js';
import { describeChatModel } from './chat-model.contract.js';

describeChatModel('the offline model', () =>
  Promise.resolve({ model: new OfflineModel(new TimerPause()), close: () => Promise.resolve() }),
);

describeChatModel('an OpenAI-compatible server', async () => {
  const provider = new LLMock({ port: 0, logLevel: 'silent', chunkSize: 8 });
  await provider.start();
  provider.onMessage('Who are you?', {
    content: 'I am the model of this test, and I answer in several pieces.',
  });
  provider.onMessage('What are the CSR requirements?', {
    toolCalls: [{ name: 'search_tender_corpus', arguments: '{"query":"CSR"}' }],
  });
  const settings = loadSettings({ OPENAI_BASE_URL: `${provider.url}/v1`, OPENAI_API_KEY: 'test' });
  return { model: new OpenAiModel(settings, new SystemClock()), close: () => provider.stop() };
});
