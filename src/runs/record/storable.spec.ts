import { storableEnding } from './storable.js';
import type { Ending } from './ending.js';

describe('an ending', () => {
  it('that can be stored stays unchanged', () => {
    const ending: Ending = {
      status: 'error',
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      model: 'm',
      tool_calls: 1,
      failure: { error: 'It failed.', code: 'failed', retryable: true },
    };
    expect(storableEnding(ending)).toEqual(ending);
  });

  it.each([NaN, Infinity, -1, '3', null, undefined, {}, []])('counts %p as nothing', (value) => {
    const usage = { prompt_tokens: value, completion_tokens: 2, total_tokens: value };
    const ending = { status: 'completed', usage, model: value, tool_calls: value } as unknown as Ending;
    expect(storableEnding(ending)).toEqual({
      status: 'completed',
      usage: { prompt_tokens: 0, completion_tokens: 2, total_tokens: 0 },
      model: value === '3' ? '3' : '',
      tool_calls: 0,
    });
  });
});
