import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { leaveOut } from './leave-out.js';
import type { OptionalPart } from '../server/unsupported.js';

const call = { id: 'c1', type: 'function' as const, function: { name: 'search', arguments: '{"q":"x"}' } };

const body = {
  model: 'm',
  stream: true,
  stream_options: { include_usage: true },
  tools: [{ type: 'function', function: { name: 'search' } }],
  messages: [
    { role: 'system', content: 'Be careful.' },
    { role: 'user', content: 'What?' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ ...call, extra_content: { signature: 's' } }],
      reasoning_content: 'hm',
    },
    { role: 'tool', tool_call_id: 'c1', content: 'found' },
    { role: 'assistant', content: 'This.' },
    { role: 'user', content: 'And now?' },
  ],
} as unknown as ChatCompletionCreateParamsStreaming;

const without = (...parts: OptionalPart[]) => leaveOut(body, new Set(parts));

describe('a request without', () => {
  it('nothing is unchanged', () => {
    expect(without()).toEqual(body);
  });

  it('stream_options is still a stream', () => {
    expect(without('stream_options')).toEqual({ ...body, stream_options: undefined });
    expect('stream_options' in without('stream_options')).toBe(false);
  });

  it('tools presents earlier calls as text, one message after the other, and says that there are none', () => {
    const { tools, messages } = without('tools');
    expect(tools).toBeUndefined();
    expect(messages).toEqual([
      { role: 'system', content: expect.stringMatching(/^Be careful\.\n\nNo tools are available/) },
      { role: 'user', content: 'What?' },
      { role: 'assistant', content: 'Called search with {"q":"x"}\n\nResult: found\n\nThis.' },
      { role: 'user', content: 'And now?' },
    ]);
  });

  it('a system message has the instructions before the first question', () => {
    expect(without('system_role').messages.slice(0, 1)).toEqual([
      { role: 'user', content: 'Be careful.\n\nWhat?' },
    ]);
  });

  it('fields of messages keeps everything else', () => {
    const text = JSON.stringify(without('reasoning_content', 'extra_content'));
    expect(text).not.toMatch(/reasoning_content|extra_content/);
    expect(text).toContain('"id":"c1"');
  });

  it('anything does not change its input', () => {
    const before = structuredClone(body);
    without('tools', 'system_role', 'stream_options', 'reasoning_content');
    expect(body).toEqual(before);
  });
});
