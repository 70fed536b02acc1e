import { ApiParam, ApiTags } from '@nestjs/swagger';

/** A route of this door. It acts for its caller, or for the user that a caller who may act for anybody names: `?user_id=`. */
export const LangGraphRoute = (): ClassDecorator => ApiTags('langgraph');

/** The thread in the path. */
export const ApiThread = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'thread_id',
    example: '550e8400-e29b-41d4-a716-446655440000',
    description: 'What its client calls it, or the id of its chat.',
  });

/** The run in the path. */
export const ApiRun = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'run_id', example: '68eb95dcac4dd9ac2789890e' });

/** What the frames of a stream look like. */
export const STREAM_EXAMPLE = [
  'event: metadata\ndata: {"run_id":"68eb95dcac4dd9ac2789890e","attempt":1}\n',
  'event: values\nid: 1760270888823_0000_a26344ee\ndata: {"messages":[{"type":"human",…}]}\n',
  'event: messages\nid: 1760270929640_0001_fd9811a3\ndata: [{"type":"AIMessageChunk","content":"Response text…",…},{…}]\n',
  'event: values\ndata: {"messages":[…]}\n',
  'event: end\nid: 1760270930333_0002_c2024cde\ndata: null\n',
].join('\n');

/** Headers that name a run. */
export const RUN_HEADERS = {
  'Content-Location': { schema: { type: 'string' as const }, description: 'The run: `/threads/…/runs/…`.' },
  Location: { schema: { type: 'string' as const }, description: 'Its stream, for reconnecting.' },
};

/** Problems of every route that begins a run. */
export const RUN_PROBLEMS = [
  ...(['validation_failed', 'invalid_json', 'invalid_user_id', 'unknown_agent', 'user_not_found'] as const),
  ...(['chat_not_found', 'chat_busy', 'body_too_large', 'too_large_to_store'] as const),
  ...(['unsupported_media_type', 'chat_queue_full', 'queue_full', 'budget_exceeded'] as const),
  ...(['too_many_streams', 'too_many_streams_of_message'] as const),
];

/** Problems of those in a thread. */
export const THREAD_RUN_PROBLEMS = [
  ...RUN_PROBLEMS,
  ...(['invalid_chat_key', 'message_not_found', 'checkpoint_not_found', 'events_expired'] as const),
  ...(['nothing_to_resume', 'approval_already_decided', 'invalid_tool_arguments'] as const),
];

/** Problems of every route that names a thread. */
export const THREAD_PROBLEMS = [
  'invalid_chat_key',
  'invalid_user_id',
  'user_not_found',
  'chat_not_found',
] as const;
