import type { StreamEvent } from '@reprise/protocol';
import type { OutputItem } from './wire.js';

/** Whose log it is. */
export interface Head {
  readonly message_id: string;
  readonly chat_id: string;
  /** Empty if the run ended before anybody began it. */
  readonly agent: string;
  /** Epoch seconds. */
  readonly created_at: number;
}

/** A call that runs, or waits for a decision. */
export interface PlacedCall {
  readonly call_id: string;
  /** Of its item in {@link OpenAiState.items}. */
  readonly index: number;
  /** The call that has started the agent that makes this one. */
  readonly parent: string | undefined;
}

/** Text or thinking that goes on. */
export interface OpenItem {
  readonly index: number;
  readonly parent: string | undefined;
}

/** A response as far as the log goes. */
export interface OpenAiState {
  /** `undefined` before the first event. */
  readonly head: Head | undefined;
  /** The `sequence_number` of the next event on the wire. */
  readonly next: number;
  /** By `output_index`. */
  readonly items: readonly OutputItem[];
  readonly open: OpenItem | undefined;
  readonly running: readonly PlacedCall[];
  readonly asked: readonly PlacedCall[];
  /** Indexes of questions that are decided: no longer a part of the output. */
  readonly decided: ReadonlySet<number>;
  readonly failure: { readonly code: string; readonly message: string } | undefined;
  /** `undefined` before the last event. */
  readonly end: StreamEvent<'end'> | undefined;
}

export const initialState: OpenAiState = {
  head: undefined,
  next: 0,
  items: [],
  open: undefined,
  running: [],
  asked: [],
  decided: new Set(),
  failure: undefined,
  end: undefined,
};

/** Whether nothing happens before a person decides: every call that runs has started an agent that asks. */
export function waitsForPeople({ asked, running, end }: OpenAiState): boolean {
  if (asked.length === 0 || end !== undefined) return false;
  const parents = new Map(running.map(({ call_id, parent }) => [call_id, parent]));
  const above = new Set<string>();
  for (const { parent } of asked)
    for (let at = parent; at !== undefined && !above.has(at); at = parents.get(at)) above.add(at);
  return running.every(({ call_id }) => above.has(call_id));
}
