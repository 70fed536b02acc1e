import { unsupportedPart } from './unsupported.js';

const REFUSALS: [string, string | undefined, number, unknown][] = [
  [
    'Mistral',
    'stream_options',
    422,
    {
      detail: [
        {
          type: 'extra_forbidden',
          loc: ['body', 'stream_options'],
          msg: 'Extra inputs are not permitted',
          input: { include_usage: true },
        },
      ],
    },
  ],
  [
    'Mistral, wrapped',
    'stream_options',
    422,
    {
      object: 'error',
      message: {
        detail: [
          { type: 'extra_forbidden', loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' },
        ],
      },
      type: 'invalid_request_error',
    },
  ],
  [
    'Azure',
    'stream_options',
    400,
    {
      error: {
        message: 'Unrecognized request argument supplied: stream_options',
        type: 'invalid_request_error',
        param: null,
        code: null,
      },
    },
  ],
  [
    'OpenAI',
    'stream_options',
    400,
    {
      error: {
        message: "Unknown parameter: 'stream_options'.",
        param: 'stream_options',
        code: 'unknown_parameter',
      },
    },
  ],
  [
    'JSON Schema',
    'stream_options',
    400,
    {
      error: {
        message: "Additional properties are not allowed ('stream_options' was unexpected) - 'stream_options'",
      },
    },
  ],
  [
    'NIM',
    'stream_options',
    422,
    {
      type: 'urn:inference-service:problem-details:unprocessable-entity',
      title: 'Unprocessable Entity',
      status: 422,
      detail: 'body -> stream_options\n  Extra inputs are not permitted (type=extra_forbidden)',
    },
  ],
  [
    'plain text',
    'stream_options',
    400,
    'unknown field `stream_options`, expected one of `model`, `messages`',
  ],
  [
    'Ollama',
    'tools',
    400,
    {
      error: {
        message: 'registry.ollama.ai/library/gemma:2b does not support tools',
        type: 'api_error',
        param: null,
        code: null,
      },
    },
  ],
  ['Ollama, its own API', 'tools', 400, { error: 'codellama:latest does not support tools' }],
  [
    'OpenRouter',
    'tools',
    404,
    {
      error: {
        message:
          'No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs',
        code: 404,
      },
    },
  ],
  [
    'vLLM',
    'tools',
    400,
    {
      object: 'error',
      message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
      type: 'BadRequestError',
      param: null,
      code: 400,
    },
  ],
  [
    'llama.cpp without its templates',
    'tools',
    500,
    { error: { code: 500, message: 'tools param requires --jinja flag', type: 'server_error' } },
  ],
  [
    'llama.cpp, older',
    'tools',
    500,
    { code: 500, message: 'Unsupported param: tools', type: 'server_error' },
  ],
  [
    'Groq',
    'tools',
    400,
    {
      error: {
        message: '`tool calling` is not supported with this model',
        type: 'invalid_request_error',
        code: 'invalid_request',
      },
    },
  ],
  [
    'FastAPI',
    'tools',
    422,
    { detail: [{ type: 'extra_forbidden', loc: ['body', 'tools'], msg: 'Extra inputs are not permitted' }] },
  ],
  [
    'OpenAI, an old model',
    'tools',
    400,
    {
      error: {
        message: "Unsupported parameter: 'tools' is not supported with this model.",
        param: 'tools',
        code: 'unsupported_parameter',
      },
    },
  ],
  [
    'DeepSeek reasoner',
    'tools',
    400,
    {
      error: {
        message: 'deepseek-reasoner does not support Function Calling',
        type: 'invalid_request_error',
      },
    },
  ],
  [
    'OpenAI',
    'parallel_tool_calls',
    400,
    {
      error: {
        message: "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
        param: 'parallel_tool_calls',
        code: 'unsupported_parameter',
      },
    },
  ],
  [
    'Groq',
    'reasoning_content',
    400,
    {
      error: {
        message:
          "'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'reasoning_content' is unsupported)]",
        type: 'invalid_request_error',
      },
    },
  ],
  [
    'a strict gateway',
    'extra_content',
    422,
    {
      detail: [
        {
          type: 'extra_forbidden',
          loc: ['body', 'messages', 1, 'tool_calls', 0, 'extra_content'],
          msg: 'Extra inputs are not permitted',
        },
      ],
    },
  ],
  ['a Gemma template', 'system_role', 400, { error: { message: 'System role not supported' } }],
  [
    'o1-mini',
    'system_role',
    400,
    {
      error: {
        message: "Unsupported value: 'messages[0].role' does not support 'system' with this model.",
        param: 'messages[0].role',
        code: 'unsupported_value',
      },
    },
  ],
  [
    'a wrong schema of one tool',
    undefined,
    400,
    {
      error: {
        message: "Invalid schema for function 'x': In context=(), object schema missing properties",
        param: 'tools[0].function.parameters',
        code: 'invalid_function_parameters',
      },
    },
  ],
  [
    'a wrong order',
    undefined,
    400,
    {
      error: {
        message:
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        param: 'messages.[3].role',
      },
    },
  ],
  [
    'DeepSeek, which wants it',
    undefined,
    400,
    { error: { message: 'Missing `reasoning_content` field in the assistant message at message index 2' } },
  ],
  ['a wrong key', undefined, 401, { error: { message: 'does not support tools' } }],
  ['a fault', undefined, 500, { error: { message: 'Internal error' } }],
];

describe('what a server does not accept', () => {
  it.each(REFUSALS)('is read from %s: %s', (_who, part, status, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    expect(unsupportedPart({ status, text })).toBe(part);
  });
});
