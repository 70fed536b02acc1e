import { readOverflow } from './context-overflow.js';

/** What servers really answer: which server, status, body, and the numbers in it. */
const OVERFLOWS: [string, number, unknown, { window?: number; prompt?: number }][] = [
  [
    'OpenAI',
    400,
    {
      error: {
        message:
          "This model's maximum context length is 8192 tokens. However, your messages resulted in 9034 tokens. Please reduce the length of the messages.",
        type: 'invalid_request_error',
        param: 'messages',
        code: 'context_length_exceeded',
      },
    },
    { window: 8192, prompt: 9034 },
  ],
  [
    'OpenAI, newer',
    400,
    {
      error: {
        message:
          'Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300012 tokens. Please reduce the length of the messages.',
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
      },
    },
    { window: 272000, prompt: 300012 },
  ],
  [
    'OpenAI, without numbers',
    400,
    {
      error: {
        message:
          'Your input exceeds the context window of this model. Please adjust your input and try again.',
      },
    },
    {},
  ],
  [
    'OpenAI, tokens per minute',
    429,
    {
      error: {
        message:
          'Request too large for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000, Requested 40129. The input or output tokens must be reduced in order to run successfully.',
        type: 'tokens',
        code: 'rate_limit_exceeded',
      },
    },
    { window: 30000, prompt: 40129 },
  ],
  [
    'vLLM',
    400,
    {
      object: 'error',
      message:
        "This model's maximum context length is 4096 tokens. However, you requested 5210 tokens (4210 in the messages, 1000 in the completion). Please reduce the length of the messages or completion.",
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
    { window: 4096, prompt: 4210 },
  ],
  [
    'vLLM, the prompt alone',
    400,
    {
      error: {
        message:
          'The decoder prompt (length 5951) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller.',
        type: 'BadRequestError',
        code: 400,
      },
    },
    { window: 4096, prompt: 5951 },
  ],
  [
    'llama.cpp',
    400,
    {
      error: {
        code: 400,
        message: 'request (9123 tokens) exceeds the available context size (8192 tokens), try increasing it',
        type: 'exceed_context_size_error',
        n_prompt_tokens: 9123,
        n_ctx: 8192,
      },
    },
    { window: 8192, prompt: 9123 },
  ],
  [
    'llama.cpp, older',
    500,
    {
      error: {
        code: 500,
        message:
          'the request exceeds the available context size. try increasing the context size or enable context shift',
        type: 'server_error',
      },
    },
    {},
  ],
  [
    'llama-cpp-python',
    400,
    {
      error: {
        message: 'Requested tokens (5120) exceed context window of 4096',
        type: 'invalid_request_error',
        code: null,
      },
    },
    { window: 4096, prompt: 5120 },
  ],
  [
    'Ollama',
    400,
    {
      error: {
        message: 'prompt too long; exceeded max context length by 123 tokens',
        type: 'invalid_request_error',
      },
    },
    {},
  ],
  ['Ollama, its own API', 400, { error: 'the input length exceeds the context length' }, {}],
  [
    'OpenRouter',
    400,
    {
      error: {
        message:
          'This endpoint\'s maximum context length is 32768 tokens. However, you requested about 40123 tokens (39123 of text input, 1000 in the output). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.',
        code: 400,
      },
    },
    { window: 32768, prompt: 39123 },
  ],
  [
    'Mistral',
    400,
    {
      object: 'error',
      message:
        'Prompt contains 40123 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
      type: 'invalid_request_error',
      code: '3051',
    },
    { window: 32768, prompt: 40123 },
  ],
  [
    'Gemini',
    400,
    [
      {
        error: {
          code: 400,
          message: 'The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).',
          status: 'INVALID_ARGUMENT',
        },
      },
    ],
    { window: 1048575, prompt: 1196265 },
  ],
  [
    'Anthropic behind a gateway',
    400,
    {
      error: { type: 'invalid_request_error', message: 'prompt is too long: 213462 tokens > 200000 maximum' },
    },
    { window: 200000, prompt: 213462 },
  ],
  ['Bedrock behind a gateway', 400, { error: { message: 'Input is too long for requested model.' } }, {}],
  [
    'xAI',
    400,
    {
      code: 'invalid-argument',
      error: "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    },
    { window: 131072, prompt: 537812 },
  ],
  [
    'Groq',
    413,
    {
      error: {
        message:
          'Request too large for model `llama-3.1-8b-instant` in organization `org_x` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 7123, please reduce your message size and try again.',
        type: 'tokens',
        code: 'rate_limit_exceeded',
      },
    },
    { window: 6000, prompt: 7123 },
  ],
  [
    'Text Generation Inference, Together',
    422,
    {
      error: {
        message:
          'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8193. Given: 9120 `inputs` tokens and 512 `max_new_tokens`',
        type: 'invalid_request_error',
      },
    },
    { window: 8193, prompt: 9120 },
  ],
  [
    'Cerebras',
    400,
    {
      message:
        'Please reduce the length of the messages or completion. Current length is 9120 while limit is 8192',
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    },
    { window: 8192, prompt: 9120 },
  ],
  [
    'Moonshot',
    400,
    {
      error: {
        message: 'Invalid request: Your request exceeded model token limit: 8192 (requested: 9120)',
        type: 'invalid_request_error',
      },
    },
    { window: 8192, prompt: 9120 },
  ],
  [
    'DashScope',
    400,
    {
      error: {
        code: 'invalid_parameter_error',
        message: 'Range of input length should be [1, 30720]',
        type: 'invalid_request_error',
      },
    },
    { window: 30720 },
  ],
  [
    'MiniMax',
    400,
    { error: { message: 'invalid params, context window exceeds limit (2013)', type: 'bad_request_error' } },
    {},
  ],
  [
    'GitHub Models',
    413,
    {
      error: {
        code: 'tokens_limit_reached',
        message: 'Request body too large for gpt-4o model. Max size: 8000 tokens.',
        details: '',
      },
    },
    { window: 8000 },
  ],
  [
    'SGLang',
    400,
    {
      object: 'error',
      message:
        "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of 9120 tokens: 8120 tokens from the input messages and 1000 tokens for the completion.",
      type: 'BadRequestError',
      code: 400,
    },
    { window: 8192, prompt: 8120 },
  ],
  [
    'SGLang, the input alone',
    400,
    {
      object: 'error',
      message: "The input (9120 tokens) is longer than the model's context length (8192 tokens).",
      type: 'BadRequestError',
      code: 400,
    },
    { window: 8192, prompt: 9120 },
  ],
  [
    'LM Studio',
    400,
    {
      error:
        'Trying to keep the first 5120 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input',
    },
    { window: 4096 },
  ],
  [
    'Copilot',
    400,
    {
      error: {
        message: 'prompt token count of 130123 exceeds the limit of 128000',
        code: 'model_max_prompt_tokens_exceeded',
      },
    },
    { window: 128000, prompt: 130123 },
  ],
];

/** What looks similar and means something else. */
const OTHERS: [string, number, unknown][] = [
  [
    'a rate limit',
    429,
    {
      error: {
        message:
          'Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.',
        type: 'tokens',
        code: 'rate_limit_exceeded',
      },
    },
  ],
  ['a key', 401, { error: { message: 'Incorrect API key provided: sk-x', code: 'invalid_api_key' } }],
  ['a model', 404, { error: { message: 'The model `x` does not exist', code: 'model_not_found' } }],
  [
    'a parameter',
    400,
    {
      error: {
        message: "Unsupported value: 'temperature' does not support 0.2 with this model.",
        code: 'unsupported_value',
      },
    },
  ],
  [
    'a schema',
    400,
    {
      error: {
        message: "Invalid schema for function 'x': maximum recursion depth",
        code: 'invalid_function_parameters',
      },
    },
  ],
  [
    'a quota',
    429,
    {
      error: {
        message: 'You exceeded your current quota, please check your plan and billing details.',
        code: 'insufficient_quota',
      },
    },
  ],
  ['a fault', 500, { error: { message: 'Internal error', type: 'server_error' } }],
];

describe('a request that is too long', () => {
  it.each(OVERFLOWS)('is recognised from what %s says', (_who, status, body, numbers) => {
    expect(readOverflow({ status, text: JSON.stringify(body) })).toEqual(numbers);
  });

  it.each(OTHERS)('is not confused with %s', (_what, status, body) => {
    expect(readOverflow({ status, text: JSON.stringify(body) })).toBeUndefined();
  });
});
