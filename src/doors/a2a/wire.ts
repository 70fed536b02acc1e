/** The shapes of A2A 1.0 (https://a2a-protocol.org) that this door writes. */

/** The version of the protocol, as in `A2A-Version`. */
export const A2A_VERSION = '1.0';

/** States of a task that its run can be in. */
export type TaskState =
  | 'TASK_STATE_SUBMITTED'
  | 'TASK_STATE_WORKING'
  | 'TASK_STATE_INPUT_REQUIRED'
  | 'TASK_STATE_COMPLETED'
  | 'TASK_STATE_FAILED'
  | 'TASK_STATE_CANCELED';

/** A piece of content. */
export type Part =
  | { text: string; metadata?: Record<string, unknown> }
  | { data: unknown; metadata?: Record<string, unknown> };

/** What one side says. */
export interface A2aMessage {
  messageId: string;
  contextId: string;
  taskId: string;
  role: 'ROLE_USER' | 'ROLE_AGENT';
  parts: Part[];
}

/** Where a task stands. */
export interface TaskStatus {
  state: TaskState;
  /** ISO 8601. */
  timestamp: string;
  message?: A2aMessage;
}

/** The answer, as far as it exists. */
export interface Artifact {
  artifactId: string;
  name: string;
  parts: Part[];
}

/** A run, as a client sees it. */
export interface Task {
  /** Id of the question. */
  id: string;
  /** Id of the chat. */
  contextId: string;
  status: TaskStatus;
  artifacts: Artifact[];
  history: A2aMessage[];
  metadata: Record<string, unknown>;
}

/** Which task an update is about. */
export interface TaskKey {
  taskId: string;
  contextId: string;
}

/** One frame of a stream. */
export type StreamFrame =
  | { task: Task }
  | { statusUpdate: TaskKey & { status: TaskStatus; metadata?: Record<string, unknown> } }
  | { artifactUpdate: TaskKey & { artifact: Artifact; append: boolean; lastChunk: boolean } };

/** The only artifact of a task: the text of the answer. */
export const answerArtifact = (text: string): Artifact => ({
  artifactId: 'answer',
  name: 'answer',
  parts: [{ text }],
});
