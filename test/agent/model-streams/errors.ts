import { choice, DONE, raw, stop, text, type Row } from './row.js';

const failing = (name: string, frames: string, end: string, error?: string): Row => ({
  name: `an error: ${name}`,
  body: text('A') + frames + stop() + DONE,
  want: { text: 'A', end, ...(error !== undefined && { error }) },
});
const tooLong = 'The model provider rejected the request (context_length_exceeded).';
const REPORTED = 'The model provider reported a failure inside its answer.';

/** Failures after a complete answer: it is not retried. */
const behind = (name: string, frames: string): Row => ({
  name: `a failure behind the end: ${name}`,
  body: text('A') + stop() + frames + DONE,
  want: { text: 'A', end: 'stop' },
});
export const LATE_ERROR_ROWS: Row[] = [
  behind('an error object', raw({ error: { code: 500, message: 'x' } })),
  behind('an event of that name', `event: error\n${raw({ code: 402, message: 'pay' })}`),
  behind('another finish reason', choice({ delta: {}, finish_reason: 'error' })),
];

/** Failures reported where an answer was expected. */
export const ERROR_ROWS: Row[] = [
  failing(
    'a word in code',
    raw({ error: { code: 'context_length_exceeded', message: 'sk-secret' } }),
    'model_rejected',
    tooLong,
  ),
  failing(
    'inside the choice',
    choice({ error: { code: 'context_length_exceeded' }, finish_reason: 'error' }),
    'model_rejected',
    tooLong,
  ),
  failing(
    'beside finish_reason error',
    choice({ delta: {}, message: { error: { code: 429 } }, finish_reason: 'error' }),
    'model_rate_limited',
  ),
  failing(
    'finish_reason error with words',
    choice({ delta: {}, message: 'sk-secret', finish_reason: 'error' }),
    'model_stream_broken',
    REPORTED,
  ),
  failing(
    'in an event of that name',
    `event: error\n${raw({ code: 402, message: 'pay' })}`,
    'model_rejected',
    'The model provider rejected the request (HTTP 402).',
  ),
  failing(
    'words in an event of that name',
    'event: error\ndata: sk-secret failed\n\n',
    'model_stream_broken',
    REPORTED,
  ),
  failing(
    'in a field of that name',
    'error: {"code":503,"message":"Loading model","type":"unavailable_error"}\n\n',
    'model_unavailable',
  ),
  failing(
    'number 400',
    raw({ error: { code: 400, message: 'x' } }),
    'model_rejected',
    'The model provider rejected the request (HTTP 400).',
  ),
  failing(
    'number 429',
    raw({ error: { code: 429 } }),
    'model_rate_limited',
    'The model provider is rate limiting our requests.',
  ),
  failing('number 429 as text', raw({ error: { code: '429' } }), 'model_rate_limited'),
  failing(
    'number 503',
    raw({ error: { code: 503 } }),
    'model_unavailable',
    'The model provider is not available at the moment (HTTP 503).',
  ),
  failing('number in status', raw({ error: { status: 502, message: 'x' } }), 'model_unavailable'),
  failing(
    'the word in type, the number in code',
    raw({ error: { code: 400, type: 'exceed_context_size_error', n_ctx: 8192 } }),
    'model_rejected',
    'The model provider rejected the request (HTTP 400, exceed_context_size_error).',
  ),
  failing('a word in type', raw({ error: { type: 'rate_limit_error', message: 'x' } }), 'model_rate_limited'),
  failing(
    'overloaded',
    raw({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    'model_unavailable',
    'The model provider is not available at the moment (overloaded_error).',
  ),
  failing("Google's words", raw({ error: { code: 8, status: 'RESOURCE_EXHAUSTED' } }), 'model_rate_limited'),
  failing(
    'no money',
    raw({ error: { code: 'insufficient_quota', type: 'insufficient_quota' } }),
    'model_rate_limited',
    "The model provider's quota is used up.",
  ),
  failing(
    'a class name',
    raw({ error: { type: 'BadRequestError', message: 'x' } }),
    'model_rejected',
    'The model provider rejected the request (bad_request_error).',
  ),
  failing(
    'the whole chunk',
    raw({ object: 'error', message: 'x', type: 'NotFoundError', code: 404 }),
    'model_rejected',
    'The model provider rejected the request (HTTP 404, not_found_error). Check OPENAI_MODEL and OPENAI_BASE_URL.',
  ),
  failing(
    'number and words where a chunk was expected',
    raw({ code: 500, message: 'x' }),
    'model_unavailable',
  ),
  failing(
    'wrapped by a gateway',
    raw({ error: { message: 'Provider returned error', code: 500, error: { code: 429 } } }),
    'model_rate_limited',
  ),
  failing('a text', raw({ error: 'sk-secret went wrong' }), 'model_stream_broken', REPORTED),
  failing('a word that nobody knows', raw({ error: { code: 'strange' } }), 'model_stream_broken'),
  failing('a time-out', raw({ error: { type: 'timeout_error' } }), 'model_unavailable'),
  failing(
    'a deadline',
    raw({ error: { message: 'x', code: 'context_deadline_exceeded' } }),
    'model_unavailable',
  ),
  failing('a list of errors', raw([{ error: { code: 429 } }]), 'model_rate_limited'),
  failing('a detail', raw({ detail: 'Not authenticated' }), 'model_stream_broken', REPORTED),
  failing('a list of details', raw({ detail: [{ msg: 'bad' }] }), 'model_stream_broken', REPORTED),
  failing('no success', raw({ success: false, result: null }), 'model_stream_broken', REPORTED),
  {
    name: 'a detail as JSON body of a 200',
    type: 'application/json',
    body: '{"detail":"Not authenticated"}',
    want: { text: '', end: 'model_stream_broken', error: REPORTED },
  },
  {
    name: 'an error as JSON body of a 200',
    type: 'application/json',
    body: '{"error":{"code":"model_not_found"}}',
    want: { text: '', end: 'model_rejected' },
  },
];
