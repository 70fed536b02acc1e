/** What the documentation says of an error code: its status and an example of its `detail`. */
export interface ProblemEntry {
  status: number;
  detail: string;
}

const noSuch = (what: string, id: string): ProblemEntry => ({
  status: 404,
  detail: `There is no ${what} with id "${id}".`,
});

/** Every code a client can meet over HTTP. Where the code is thrown decides; this is for the OpenAPI document. */
export const problemCatalogue = {
  validation_failed: { status: 400, detail: 'The request has 1 invalid field.' },
  invalid_json: { status: 400, detail: 'The body is not valid JSON.' },
  invalid_body: { status: 400, detail: 'The body is not as long as Content-Length says.' },
  request_aborted: { status: 400, detail: 'The request ended before its body did.' },
  malformed_request: { status: 400, detail: 'This is not a valid HTTP request.' },
  malformed_url: { status: 400, detail: 'The path is not valid percent-encoded UTF-8.' },
  invalid_user_id: {
    status: 400,
    detail: 'A user id has 1 to 200 characters, no control characters and no "/".',
  },
  invalid_chat_id: { status: 400, detail: 'A chat id is a UUID.' },
  invalid_message_id: { status: 400, detail: 'A message id has 24 hexadecimal digits.' },
  invalid_document_id: { status: 400, detail: 'A document id has 24 hexadecimal digits.' },
  invalid_idempotency_key: {
    status: 400,
    detail: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
  },
  unknown_agent: { status: 400, detail: 'There is no agent "poet". See GET /api/agents.' },
  unknown_event_id: { status: 400, detail: 'This message has no event "1760270888823_0000_a26344ee".' },
  unknown_dialect: { status: 400, detail: '"dialect" must be one of: v1, v1-unnamed.' },
  user_not_found: noSuch('user', 'alice@company.com'),
  chat_not_found: noSuch('chat', '550e8400-e29b-41d4-a716-446655440000'),
  message_not_found: noSuch('message', '68eb95dcac4dd9ac2789890e'),
  document_not_found: noSuch('document', '68eb95dcac4dd9ac2789890f'),
  tool_call_not_found: noSuch('tool call', 'call_1'),
  route_not_found: { status: 404, detail: 'There is no route GET /api/nothing.' },
  chat_busy: { status: 409, detail: 'The chat has a run that has not ended.' },
  run_not_ended: { status: 409, detail: 'The run has not ended.' },
  approval_resolved: { status: 409, detail: 'The approval was decided before.' },
  events_expired: {
    status: 410,
    detail:
      'The events of message "68eb95dcac4dd9ac2789890e" were kept as long as this server keeps them, and are gone.',
  },
  request_timeout: { status: 408, detail: 'The request took too long.' },
  too_many_streams_of_message: { status: 429, detail: 'This message has as many streams as it may have.' },
  chat_queue_full: { status: 429, detail: 'The chat has 20 runs that have not ended.' },
  body_too_large: { status: 413, detail: 'The body has more than 1048576 bytes.' },
  unsupported_media_type: { status: 415, detail: 'Send the body as "application/json" in UTF-8.' },
  expectation_failed: {
    status: 417,
    detail: 'The only expectation that this server knows is "100-continue".',
  },
  headers_too_large: { status: 431, detail: 'The request line and headers are too large.' },
  idempotency_key_reused: { status: 422, detail: 'This Idempotency-Key was used with another body.' },
  internal_error: {
    status: 500,
    detail: 'Something went wrong here. The request id helps to find it in the log.',
  },
  page_not_built: { status: 503, detail: 'The page has not been built: run "npm run build".' },
  too_many_streams: { status: 503, detail: 'This server has as many streams as it may have.' },
  queue_full: { status: 503, detail: 'Too many runs wait for a worker.' },
  database_unavailable: { status: 503, detail: 'The database does not answer. Try again soon.' },
} as const satisfies Record<string, ProblemEntry>;

/** A code of the catalogue. */
export type ProblemCode = keyof typeof problemCatalogue;
