/** One field of a request that was refused. */
export interface FieldError {
  /** Dotted path, for example `metadata.tender_id`. */
  field: string;
  message: string;
}

/** What is said of one kind of problem, wherever it arises. */
interface Entry {
  /** HTTP status, 400..599. */
  status: number;
  /** Whether the same request may succeed later. Default: with status 503 only. */
  retryable?: boolean;
  /** Seconds for the `Retry-After` header. */
  retryAfter?: number;
  /** One sentence for a person: what happened, and what to do. Never holds stack traces or other tenants' data. */
  text: (details: never) => string;
  /** Details for the example in the API's documentation; missing where the text has none. */
  example?: unknown;
}

const ID = '68eb95dcac4dd9ac2789890e';

interface Missing {
  id: string;
}

const missing = (what: string, id = ID) => ({
  status: 404,
  text: (details: Missing) => `There is no ${what} with id "${details.id}".`,
  example: { id },
});

/** Problems that say no more than their status: what Nest and Express throw by themselves. */
const plain = (status: number) => ({
  status,
  text: ({ message }: { message: string }) => message,
  example: { message: 'This request cannot be answered.' },
});

/**
 * Every problem a client can meet over HTTP: its code, status, whether to try again, and its words. A throw site gives
 * the details alone, so what is served and what is documented cannot differ.
 */
export const problems = {
  validation_failed: {
    status: 400,
    text: ({ count }: { count: number; errors: FieldError[] }) =>
      `The request has ${count} invalid field${count === 1 ? '' : 's'}.`,
    example: { count: 1, errors: [{ field: 'title', message: 'must not be blank' }] },
  },
  invalid_json: {
    status: 400,
    text: ({ isUtf8 = true }: { isUtf8?: boolean }) =>
      isUtf8 ? 'The body is not valid JSON.' : 'The body is not valid UTF-8.',
    example: {},
  },
  invalid_body: {
    status: 400,
    text: ({ compressed = false }: { compressed?: boolean }) =>
      compressed
        ? 'The body cannot be decompressed.'
        : 'The body is not as long as its Content-Length header says.',
    example: {},
  },
  request_aborted: { status: 400, text: () => 'The request ended before its body did.' },
  malformed_request: {
    status: 400,
    text: ({ host = true }: { host?: boolean }) =>
      host ? 'This is not a valid HTTP request.' : 'A request of HTTP/1.1 needs a Host header.',
    example: {},
  },
  malformed_url: { status: 400, text: () => 'The path is not valid percent-encoded UTF-8.' },
  invalid_user_id: {
    status: 400,
    text: () => 'A user id has 1 to 200 characters, no control characters and no "/".',
  },
  invalid_chat_id: { status: 400, text: () => 'A chat id is a UUID.' },
  invalid_message_id: { status: 400, text: () => 'A message id has 24 hexadecimal digits.' },
  invalid_document_id: { status: 400, text: () => 'A document id has 24 hexadecimal digits.' },
  invalid_idempotency_key: {
    status: 400,
    text: () => 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
  },
  unknown_agent: {
    status: 400,
    text: ({ agent }: { agent: string }) => `There is no agent "${agent}". GET /api/agents lists them.`,
    example: { agent: 'poet' },
  },
  unknown_event_id: {
    status: 400,
    text: ({ named = 1 }: { named?: number }) =>
      named > 1 ? 'Name the last event seen once.' : 'No event of this message has that id.',
    example: {},
  },
  unknown_dialect: {
    status: 400,
    text: ({ names }: { names: readonly string[] }) => `"dialect" must be one of: ${names.join(', ')}.`,
    example: { names: ['v1', 'v1-unnamed'] },
  },
  user_not_found: missing('user', 'alice@company.com'),
  chat_not_found: missing('chat', '550e8400-e29b-41d4-a716-446655440000'),
  message_not_found: missing('message'),
  document_not_found: missing('document'),
  route_not_found: {
    status: 404,
    text: ({ method, path }: { method: string; path: string }) => `There is no route ${method} ${path}.`,
    example: { method: 'GET', path: '/api/nothing' },
  },
  chat_busy: { status: 409, retryable: true, text: () => 'The chat has a run that has not ended.' },
  run_not_ended: {
    status: 409,
    retryable: true,
    text: () => 'The run of this message has not ended. Cancel it first, or wait.',
  },
  request_timeout: { status: 408, retryable: true, text: () => 'The request took too long.' },
  events_expired: {
    status: 410,
    text: ({ id }: Missing) => `The events of message "${id}" have expired and were deleted.`,
    example: { id: ID },
  },
  body_too_large: {
    status: 413,
    text: () => 'The body is larger than this server accepts. Send less, or raise BODY_MAX_BYTES.',
  },
  too_large_to_store: {
    status: 413,
    text: ({ messageMaxBytes }: { messageMaxBytes?: number }) =>
      messageMaxBytes === undefined
        ? 'This is more than the database can hold in one document (16 MB). Send less, or in parts.'
        : `A message with all its metadata has at most ${messageMaxBytes} bytes.`,
    example: {},
  },
  unsupported_media_type: {
    status: 415,
    text: ({ encoding = false }: { encoding?: boolean }) =>
      encoding
        ? 'This Content-Encoding is not supported. Use identity, gzip, deflate or br.'
        : 'Send the body as "application/json" in UTF-8.',
    example: {},
  },
  expectation_failed: {
    status: 417,
    text: () => 'The only expectation that this server knows is "100-continue".',
  },
  idempotency_key_reused: { status: 422, text: () => 'This Idempotency-Key was used with another body.' },
  chat_queue_full: {
    status: 429,
    retryable: true,
    retryAfter: 5,
    text: ({ runs }: { runs: number }) => `The chat has ${runs} runs that have not ended. Try again in 5 s.`,
    example: { runs: 20 },
  },
  too_many_streams_of_message: {
    status: 429,
    retryable: true,
    retryAfter: 5,
    text: () => 'This message has as many streams as it may have. Try again in 5 s.',
  },
  headers_too_large: { status: 431, text: () => 'The request line and headers are too large.' },
  internal_error: {
    status: 500,
    text: () => 'Something went wrong here. The request id helps to find it in the log.',
  },
  page_not_built: {
    status: 503,
    retryable: false,
    text: () =>
      'The page has not been built: run "npm run build" and load it again. The API works without it.',
  },
  too_many_streams: {
    status: 503,
    retryAfter: 5,
    text: () => 'This server has as many streams as it may have. Try again in 5 s.',
  },
  queue_full: { status: 503, retryAfter: 10, text: () => 'The run queue is full. Try again in 10 s.' },
  database_unavailable: {
    status: 503,
    retryAfter: 1,
    text: () => 'The database does not answer. Try again soon.',
  },
  bad_request: plain(400),
  unauthorized: plain(401),
  forbidden: plain(403),
  method_not_allowed: plain(405),
  not_acceptable: plain(406),
  conflict: plain(409),
  too_many_requests: plain(429),
  unavailable: plain(503),
} as const satisfies Record<string, Entry>;

/** A code of the catalogue. */
export type ProblemCode = keyof typeof problems;

/** What the words of a problem need; no argument where they need nothing. */
export type ProblemDetails<C extends ProblemCode> = Parameters<(typeof problems)[C]['text']>;
