import type { StreamEvent } from '@reprise/protocol';
import type { AiMessage, ThreadMessage } from './messages.js';
import type { Modes } from './modes.js';
import { messagesOf, type Transcript } from './transcript.js';

/** The state of the dialect at a place of a log. */
export interface LangGraphState {
  readonly transcript: Transcript;
  /** The run. */
  readonly runId: string;
  /** The turn as `updates` has told it last. */
  readonly told: AiMessage | undefined;
  /** How much of the open turn `messages/partial` has shown, characters. */
  readonly shown: number;
}

/** What the frames of one run depend on besides its log. */
export interface RunContext {
  readonly modes: Modes;
  /** What the client calls the chat; missing: the chat's own id. */
  readonly threadId?: string;
  /** The messages of the thread before the run's answer; asked when the run has begun. */
  before(): readonly ThreadMessage[];
}

/** An event with the states around it; of the later one, what its frames change is yet to come. */
export interface Step {
  readonly before: LangGraphState;
  readonly event: StreamEvent;
  readonly after: LangGraphState;
}

/** The state of a thread as its clients see it: its messages, and the plan of the newest run. */
export function valuesOf(
  before: readonly ThreadMessage[],
  transcript: Transcript,
): Readonly<Record<string, unknown>> {
  const { plan } = transcript;
  return { messages: [...before, ...messagesOf(transcript)], ...(plan && { plan }) };
}
