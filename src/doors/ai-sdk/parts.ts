import { NO_OPEN_CALLS, type OpenCalls } from '../../streams/index.js';

/** One part of a UI message stream; the SDK's own reader validates it. */
export type Part = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A tool call that the client sees as not settled. */
export interface ShownCall {
  readonly call_id: string;
  readonly name: string;
  readonly input: unknown;
  /** The call whose agent has made it. */
  readonly parent?: string | undefined;
  /** It is waiting for approval. */
  readonly asked?: boolean;
}

/** What is open after an event. */
export interface AiSdkState {
  /** `undefined` before `start`. */
  readonly messageId: string | undefined;
  /** Id of the open text part. */
  readonly text: string | undefined;
  /** Text and reasoning parts started; numbers their ids. */
  readonly parts: number;
  readonly calls: readonly ShownCall[];
  /** Calls of this step were settled: what the model says next is another step. */
  readonly settledCalls: boolean;
  /** The run's calls, which say whether only people can continue it. */
  readonly open: OpenCalls;
}

export const initialState: AiSdkState = {
  messageId: undefined,
  text: undefined,
  parts: 0,
  calls: [],
  settledCalls: false,
  open: NO_OPEN_CALLS,
};

/** Starts the next step where the model continues after its tools. */
export function newStep(state: AiSdkState): readonly [readonly Part[], AiSdkState] {
  if (!state.settledCalls || state.calls.length > 0) return [[], state];
  return [[{ type: 'finish-step' }, { type: 'start-step' }], { ...state, settledCalls: false }];
}

/** Ends the open text part. */
export function closed({ text }: AiSdkState): Part[] {
  return text === undefined ? [] : [{ type: 'text-end', id: text }];
}

/** A tool part. Our tools run on the server: the client must not wait for its own. */
export function opened({ call_id, name, input, parent }: ShownCall): Part {
  return {
    type: 'tool-input-available',
    toolCallId: call_id,
    toolName: name,
    input: input ?? null,
    dynamic: true,
    providerExecuted: true,
    ...(parent !== undefined && { toolMetadata: { parent_call_id: parent } }),
  };
}

/** Reopens what is open, for a client that resumes here. */
export function partsOfOpen({ messageId, text, calls }: AiSdkState): Part[] {
  if (messageId === undefined) return [];
  const tools = calls.flatMap((call) => [
    opened(call),
    ...(call.asked
      ? [{ type: 'tool-approval-request', approvalId: call.call_id, toolCallId: call.call_id }]
      : []),
  ]);
  return [
    { type: 'start', messageId },
    { type: 'start-step' },
    ...tools,
    ...(text === undefined ? [] : [{ type: 'text-start', id: text }]),
  ];
}
