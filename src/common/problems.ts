/** One invalid field of a rejected request. */
export interface FieldError {
  /** Dotted path, for example `metadata.tender_id`. */
  field: string;
  message: string;
}

/** The description of one kind of problem, wherever it occurs. */
interface Entry {
  /** HTTP status, 400..599. */
  status: number;
  /** Whether the same request may succeed later. Default: with status 503 only. */
  retryable?: boolean;
  /** Seconds for the `Retry-After` header; default: `seconds` of the details, if there are any. */
  retryAfter?: number;
  /** One sentence for a person: what happened, and what to do. Never contains stack traces or other tenants' data. */
  text: (details: never) => string;
  /** Details for the example in the API's documentation; missing if the text needs none. */
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

/** Problems that say no more than their status: thrown by Nest and Express themselves. */
const plain = (status: number) => ({
  status,
  text: ({ message }: { message: string }) => message,
  example: { message: 'The request cannot be processed.' },
});

/**
 * Every problem that a client can get over HTTP: its code, its status, whether to retry, and its text. A throw site
 * supplies only the details, so served and documented texts cannot differ.
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
        : 'The length of the body does not match its Content-Length header.',
    example: {},
  },
  request_aborted: { status: 400, text: () => 'The request ended before its body was complete.' },
  malformed_request: {
    status: 400,
    text: ({ host = true }: { host?: boolean }) =>
      host ? 'This is not a valid HTTP request.' : 'An HTTP/1.1 request needs a Host header.',
    example: {},
  },
  malformed_url: { status: 400, text: () => 'The path is not valid percent-encoded UTF-8.' },
  invalid_user_id: {
    status: 400,
    text: () => 'A user id must be 1 to 200 characters, without control characters and "/".',
  },
  invalid_chat_id: { status: 400, text: () => 'A chat id must be a UUID.' },
  invalid_chat_key: {
    status: 400,
    text: () => 'The id that a client gives to a chat must be 1 to 200 characters, without NUL.',
  },
  invalid_message_id: { status: 400, text: () => 'A message id must be 24 hexadecimal digits.' },
  invalid_document_id: { status: 400, text: () => 'A document id must be 24 hexadecimal digits.' },
  invalid_token_id: { status: 400, text: () => 'A token id must be 24 hexadecimal digits.' },
  invalid_invitation_id: { status: 400, text: () => 'An invitation id must be 24 hexadecimal digits.' },
  invalid_tenant_id: {
    status: 400,
    text: () => 'A tenant id must be 1 to 200 characters, without control characters and "/".',
  },
  invalid_project_id: {
    status: 400,
    text: () => 'A project id must be 1 to 200 characters, without control characters and "/".',
  },
  invalid_file_id: { status: 400, text: () => 'A file id must be 24 hexadecimal digits.' },
  invalid_upload: {
    status: 400,
    text: ({ why }: { why: string }) =>
      `The form cannot be read: ${why} Send one part named "file", with a file name, and nothing else.`,
    example: { why: 'it ends before its last part does.' },
  },
  invalid_idempotency_key: {
    status: 400,
    text: () => 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
  },
  unknown_agent: {
    status: 400,
    text: ({ agent }: { agent: string }) => `There is no agent "${agent}". GET /api/agents lists them.`,
    example: { agent: 'poet' },
  },
  unknown_model: {
    status: 400,
    text: ({ model, names }: { model: string; names: readonly string[] }) =>
      `This deployment has no model "${model}". It has: ${names.join(', ')}.`,
    example: { model: 'gpt-1', names: ['openai:gpt-4.1-mini'] },
  },
  unknown_workflow: {
    status: 400,
    text: ({ workflow }: { workflow: string }) =>
      `There is no workflow "${workflow}". GET /api/coordinator/workflows lists them.`,
    example: { workflow: 'haste' },
  },
  invalid_workflow: {
    status: 400,
    text: ({ why }: { why: string }) => `Wrong "lead" of the workflow: ${why}`,
    example: { why: 'a hierarchical workflow needs one.' },
  },
  invalid_fork: {
    status: 400,
    text: ({ why }: { why: string }) => `The run cannot be continued there. ${why}`,
    example: { why: 'After that event the run has ended. Name an earlier one.' },
  },
  unknown_event_id: {
    status: 400,
    text: ({ named = 1 }: { named?: number }) =>
      named > 1 ? 'Name the last event seen only once.' : 'This message has no event with that id.',
    example: {},
  },
  unknown_dialect: {
    status: 400,
    text: ({ names }: { names: readonly string[] }) => `"dialect" must be one of: ${names.join(', ')}.`,
    example: { names: ['v1', 'v1-unnamed'] },
  },
  token_missing: {
    status: 401,
    text: () => 'Say who you are: "Authorization: Bearer" and a token (docs/authentication.md).',
  },
  token_expired: { status: 401, text: () => 'The token has expired. Get a new one and try again.' },
  token_invalid: {
    status: 401,
    text: ({ why }: { why: string }) => `The token is not accepted: ${why}.`,
    example: { why: 'its signature is wrong' },
  },
  ticket_expired: {
    status: 401,
    text: () =>
      'The ticket in this address has expired. GET the message again: its stream_url has a new one.',
  },
  ticket_invalid: {
    status: 401,
    text: () =>
      'The ticket in this address is not for this message. GET the message: its stream_url has one.',
  },
  wrong_credentials: {
    status: 401,
    text: () => 'This email address and this password do not belong together. Check both and try again.',
  },
  wrong_password: { status: 403, text: () => 'This is not your present password. Nothing was changed.' },
  account_disabled: {
    status: 403,
    text: () => 'This account is disabled. Ask an administrator of this server to enable it.',
  },
  wrong_agent_secret: { status: 401, text: () => 'This is not the agent_secret of this server.' },
  insufficient_scope: {
    status: 403,
    text: ({ needed }: { needed: string }) => `This token may not do that: it needs the scope "${needed}".`,
    example: { needed: 'write' },
  },
  prefetch_refused: {
    status: 403,
    text: () => 'This address starts a run, so it is not answered to a browser that only looks ahead.',
  },
  cross_site: {
    status: 403,
    text: ({ origin }: { origin?: string | undefined }) =>
      `A page of another site${origin === undefined ? '' : ` (${origin})`} may not change anything here. If it is yours, add its origin to CORS_ORIGINS.`,
    example: { origin: 'https://page.example' },
  },
  unknown_symptom: {
    status: 400,
    text: ({ names }: { names: readonly string[] }) =>
      `"symptom" must be one of: ${names.join(', ')}; or words for one of them.`,
    example: { names: ['streams_stop', 'queue_stuck'] },
  },
  user_not_found: missing('user', 'alice@company.com'),
  chat_not_found: missing('chat', '550e8400-e29b-41d4-a716-446655440000'),
  message_not_found: missing('message'),
  response_not_found: missing('response', 'resp_68eb95dcac4dd9ac2789890e'),
  conversation_not_found: missing('conversation', 'conv_550e8400-e29b-41d4-a716-446655440000'),
  model_not_found: {
    status: 404,
    text: ({ id }: Missing) =>
      `There is no model "${id}". GET /v1/models lists them: they are the agents of this server.`,
    example: { id: 'gpt-5' },
  },
  document_not_found: missing('document'),
  token_not_found: missing('token'),
  login_disabled: {
    status: 404,
    text: ({ who = 'agents' }: { who?: 'agents' | 'people' }) =>
      who === 'agents'
        ? 'Agents cannot log in here: AI_AGENT_SECRET is not set.'
        : 'This server has no passwords: AUTH_MODE is not "accounts". docs/authentication.md says how people log in.',
    example: {},
  },
  account_not_found: missing('account', 'u_0f3a9c7d5b1e2864'),
  invitation_not_found: missing('invitation'),
  link_not_found: {
    status: 404,
    text: () =>
      'This link is not valid: it was used, has expired or was withdrawn. Ask an administrator of this server for a new one.',
  },
  agent_not_found: missing('agent', 'poet'),
  session_not_found: missing('session', '550e8400-e29b-41d4-a716-446655440000'),
  assistant_not_found: missing('assistant', 'assistant'),
  checkpoint_not_found: missing('checkpoint', '68eb95dcac4dd9ac2789890e.1'),
  file_not_found: missing('file'),
  approval_not_found: {
    status: 404,
    text: ({ id }: Missing) => `This message has no call with id "${id}" that needs approval.`,
    example: { id: 'call_abc123' },
  },
  route_not_found: {
    status: 404,
    text: ({ method, path }: { method: string; path: string }) => `There is no route ${method} ${path}.`,
    example: { method: 'GET', path: '/api/nothing' },
  },
  chat_busy: {
    status: 409,
    retryable: true,
    text: () => 'The chat already has a run. Wait until it ends, or cancel it.',
  },
  too_many_tokens: {
    status: 409,
    text: ({ max }: { max: number }) => `The user already has ${max} tokens. Delete one first.`,
    example: { max: 50 },
  },
  account_exists: {
    status: 409,
    text: () => 'There already is an account with this email address.',
  },
  last_admin: {
    status: 409,
    text: () =>
      'This is the only administrator. Make somebody else an administrator first, so that the server keeps one.',
  },
  thread_exists: {
    status: 409,
    text: ({ id }: Missing) =>
      `There is a thread with id "${id}" already. Name another one, or send if_exists: "do_nothing".`,
    example: { id: '550e8400-e29b-41d4-a716-446655440000' },
  },
  nothing_to_resume: {
    status: 409,
    text: () =>
      'No run of this thread waits for a decision. GET the state of the thread to see how it stands.',
  },
  run_not_ended: {
    status: 409,
    retryable: true,
    text: () => 'The run of this message has not ended. Wait until it ends, or cancel it first.',
  },
  approval_already_decided: {
    status: 409,
    text: ({ id }: Missing) =>
      `The call "${id}" is decided already, has expired, or its run has ended. GET the tool calls of the message to see how.`,
    example: { id: 'call_abc123' },
  },
  request_timeout: { status: 408, retryable: true, text: () => 'The request took too long.' },
  session_expired: {
    status: 410,
    text: ({ id }: Missing) =>
      `The session "${id}" has expired. Start a new one: send the message without a session_id.`,
    example: { id: '550e8400-e29b-41d4-a716-446655440000' },
  },
  events_expired: {
    status: 410,
    text: ({ id }: Missing) => `The events of message "${id}" have expired and were deleted.`,
    example: { id: ID },
  },
  body_too_large: {
    status: 413,
    text: () => 'The body is larger than this server accepts. Send less, or raise BODY_MAX_BYTES.',
  },
  file_too_large: {
    status: 413,
    text: ({ max_bytes, image = false }: { max_bytes: number; image?: boolean }) =>
      `${image ? 'An image' : 'A file'} may have at most ${max_bytes} bytes. Send a smaller one, or raise ${image ? 'FILE_IMAGE_MAX_BYTES' : 'FILE_MAX_BYTES'}.`,
    example: { max_bytes: 20_000_000 },
  },
  file_text_too_long: {
    status: 413,
    text: ({ max_chars }: { max_chars: number }) =>
      `The text of a file may have at most ${max_chars} characters. Split it up, or raise FILE_TEXT_MAX_CHARS.`,
    example: { max_chars: 2_000_000 },
  },
  file_storage_full: {
    status: 413,
    text: ({ max_bytes }: { max_bytes: number }) =>
      `The files of one user may have at most ${max_bytes} bytes. Delete some, or raise FILES_MAX_BYTES_PER_USER.`,
    example: { max_bytes: 1_073_741_824 },
  },
  too_large_to_store: {
    status: 413,
    text: ({ messageMaxBytes }: { messageMaxBytes?: number }) =>
      messageMaxBytes === undefined
        ? 'This is more than the database can store in one document (16 MB). Send less, or split it up.'
        : `A message with its metadata may have at most ${messageMaxBytes} bytes. Send less.`,
    example: {},
  },
  unsupported_media_type: {
    status: 415,
    text: ({ encoding = false, upload = false }: { encoding?: boolean; upload?: boolean }) => {
      if (encoding) return 'This Content-Encoding is not supported. Use identity, gzip, deflate or br.';
      return upload
        ? 'Send the file as "multipart/form-data", in a part named "file".'
        : 'Send the body as "application/json" in UTF-8.';
    },
    example: {},
  },
  unsupported_file_type: {
    status: 415,
    text: ({ type }: { type?: string | undefined }) =>
      `${type === undefined ? 'This is not a file of a known type' : `Files of type ${type} are not accepted`}. Accepted are PNG, JPEG, GIF and WebP images, PDF, and text of any kind (Markdown, CSV, JSON, HTML …).`,
    example: { type: 'application/zip' },
  },
  expectation_failed: {
    status: 417,
    text: () => 'The only expectation this server supports is "100-continue".',
  },
  unknown_host: {
    status: 421,
    text: ({ host }: { host?: string | undefined }) =>
      host === undefined
        ? 'A request needs a Host header that names this server.'
        : `This server is not known as "${host}". If that is its name, add it to HOSTS.`,
    example: { host: 'chat.example.com' },
  },
  idempotency_key_reused: {
    status: 422,
    text: () => 'This Idempotency-Key was already used with a different body. Use a new key.',
  },
  empty_file: { status: 422, text: () => 'The file is empty.' },
  file_without_text: {
    status: 422,
    text: () =>
      'There is no text in the file. If it has pictures of pages (a scan), run it through OCR first, or send the pictures.',
  },
  unreadable_file: {
    status: 422,
    text: ({ why }: { why: string }) => `The file cannot be read. ${why}`,
    example: { why: 'It is a PDF that is damaged or incomplete.' },
  },
  invalid_attachments: {
    status: 422,
    text: ({ errors }: { errors: FieldError[] }) =>
      errors.length === 1
        ? 'The message cannot be sent with this choice of files.'
        : `The message cannot be sent with these files: ${errors.length} of them are wrong.`,
    example: {
      errors: [
        {
          field: 'attachments.0.file_id',
          message: 'names no file that you have: it may have expired. Upload it again',
        },
      ],
    },
  },
  invalid_tool_arguments: {
    status: 422,
    text: ({ tool }: { tool: string; errors: readonly FieldError[] }) =>
      `The tool "${tool}" does not take these arguments. Nothing was decided: correct them and try again.`,
    example: { tool: 'send_email', errors: [{ field: 'arguments.to', message: 'Invalid email address' }] },
  },
  chat_queue_full: {
    status: 429,
    retryable: true,
    retryAfter: 5,
    text: ({ runs }: { runs: number }) =>
      `The chat already has ${runs} runs that have not ended. Try again in 5 s.`,
    example: { runs: 20 },
  },
  too_many_streams_of_message: {
    status: 429,
    retryable: true,
    retryAfter: 5,
    text: () => 'This message already has the maximum number of streams. Try again in 5 s.',
  },
  rate_limited: {
    status: 429,
    retryable: true,
    text: ({ limit, seconds }: { limit: number; seconds: number }) =>
      `More than ${limit} requests came within a minute. Try again in ${seconds} s.`,
    example: { limit: 100, seconds: 42 },
  },
  too_many_attempts: {
    status: 429,
    retryable: true,
    text: ({ seconds }: { seconds: number }) =>
      `There were too many attempts that failed. Wait ${seconds} s, then try again; if you have forgotten the password, ask an administrator for a link to set a new one.`,
    example: { seconds: 600 },
  },
  budget_exceeded: {
    status: 429,
    retryable: true,
    text: ({
      what,
      limit,
      seconds,
    }: {
      what: 'messages' | 'tokens' | 'cost';
      limit: number;
      seconds: number;
    }) =>
      `The budget of this user for today (UTC) is used up: ${limit} (${what}). Try again in ${seconds} s.`,
    example: { what: 'messages', limit: 200, seconds: 3600 },
  },
  headers_too_large: { status: 431, text: () => 'The request line and headers are too large.' },
  internal_error: {
    status: 500,
    text: () => 'The server failed unexpectedly. The request id leads to the details in its log.',
  },
  run_failed: {
    status: 502,
    text: ({ error }: { error: string }) => error,
    example: { error: 'The model did not answer.' },
  },
  page_not_built: {
    status: 503,
    retryable: false,
    text: () => 'The page has not been built: run "npm run build" and reload. The API works without it.',
  },
  too_many_streams: {
    status: 503,
    retryAfter: 5,
    text: () => 'This server already has the maximum number of streams. Try again in 5 s.',
  },
  identity_provider_unavailable: {
    status: 503,
    retryAfter: 5,
    text: () =>
      'The keys of the identity provider cannot be read, so nobody can be let in. Try again in 5 s.',
  },
  queue_full: { status: 503, retryAfter: 10, text: () => 'The run queue is full. Try again in 10 s.' },
  database_unavailable: {
    status: 503,
    retryAfter: 1,
    text: () => 'The database does not respond. Try again in 1 s.',
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

/** A code in the catalogue. */
export type ProblemCode = keyof typeof problems;

/** What the text of a problem needs; no argument if it needs nothing. */
export type ProblemDetails<C extends ProblemCode> = Parameters<(typeof problems)[C]['text']>;
