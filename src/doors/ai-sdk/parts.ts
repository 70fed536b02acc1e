/** One part of a UI message stream; the SDK's own reader validates it. */
export type Part = { readonly type: string } & Readonly<Record<string, unknown>>;

/** A tool call that has begun and is not settled. */
export interface OpenCall {
  readonly call_id: string;
  readonly name: string;
  readonly input: unknown;
  /** An approval is waited for. */
  readonly asked?: boolean;
}

/** What is open behind an event. */
export interface AiSdkState {
  /** `undefined` before `start`. */
  readonly messageId: string | undefined;
  /** Id of the text part that is open. */
  readonly text: string | undefined;
  /** Text and reasoning parts begun; numbers their ids. */
  readonly parts: number;
  readonly calls: readonly OpenCall[];
  /** Calls of this step were settled: what the model says next is another step. */
  readonly settledCalls: boolean;
}

export const initialState: AiSdkState = {
  messageId: undefined,
  text: undefined,
  parts: 0,
  calls: [],
  settledCalls: false,
};

/** Begins the next step where the model goes on after its tools. */
export function newStep(state: AiSdkState): readonly [readonly Part[], AiSdkState] {
  if (!state.settledCalls || state.calls.length > 0) return [[], state];
  return [[{ type: 'finish-step' }, { type: 'start-step' }], { ...state, settledCalls: false }];
}

/** Ends the text part that is open. */
export function closed({ text }: AiSdkState): Part[] {
  return text === undefined ? [] : [{ type: 'text-end', id: text }];
}

/** A tool part. Our tools run on the server: the client must not wait for its own. */
export function opened({ call_id, name, input }: OpenCall): Part {
  return {
    type: 'tool-input-available',
    toolCallId: call_id,
    toolName: name,
    input: input ?? null,
    dynamic: true,
    providerExecuted: true,
  };
}

/** Opens again what is open, for a client that resumes here. */
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
