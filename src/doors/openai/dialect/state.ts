import type { StreamEvent } from '@reprise/protocol';
import { NO_OPEN_CALLS, restingOn, type OpenCalls } from '../../../streams/index.js';
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
  /** Text or thinking that goes on. */
  readonly open: OpenItem | undefined;
  /** What the run may rest on. */
  readonly calls: OpenCalls;
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
  calls: NO_OPEN_CALLS,
  running: [],
  asked: [],
  decided: new Set(),
  failure: undefined,
  end: undefined,
};

/** Whether nothing happens before a person decides. */
export const waitsForPeople = ({ calls }: OpenAiState): boolean => restingOn(calls).length > 0;
