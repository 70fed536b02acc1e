import {
  TaskState,
  type Artifact,
  type Message,
  type Part,
  type StreamResponse,
  type TaskStatus,
} from '@a2a-js/sdk';
import { asJsonObject, clip } from '../../common/index.js';
import type { ModelDelta } from '../../models/index.js';
import { failed } from './remote-errors.js';
import { readRemoteFrame } from './remote-frames.js';

const DETAIL_MAX_CHARS = 300;

const FAILED: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_STATE_FAILED,
  TaskState.TASK_STATE_CANCELED,
  TaskState.TASK_STATE_REJECTED,
]);
/** The agent asks back: its question is the answer. */
const ASKING: ReadonlySet<TaskState> = new Set([
  TaskState.TASK_STATE_INPUT_REQUIRED,
  TaskState.TASK_STATE_AUTH_REQUIRED,
]);

/** One answer of an agent over A2A, in as many streams as it takes. */
export class A2aAnswer {
  /** Missing: the agent has not said that there is a task. */
  taskId: string | undefined;
  hasEnded = false;
  /** What has been read of each artifact. */
  private readonly texts = new Map<string, string>();

  /** Part of the answer has been read. */
  get hasBegun(): boolean {
    return [...this.texts.values()].some((text) => text !== '');
  }

  /** What is new in an event. @throws ModelError if the task has failed. */
  *read({ payload }: StreamResponse): Generator<ModelDelta> {
    switch (payload?.$case) {
      case 'message':
        yield* this.said(payload.value);
        this.hasEnded = true;
        break;
      case 'task':
        this.taskId = payload.value.id;
        for (const artifact of payload.value.artifacts) yield* this.whole(artifact);
        yield* this.reached(payload.value.status, false);
        break;
      case 'artifactUpdate':
        this.taskId ??= payload.value.taskId;
        if (payload.value.artifact)
          yield* payload.value.append
            ? this.appended(payload.value.artifact)
            : this.whole(payload.value.artifact);
        break;
      case 'statusUpdate':
        this.taskId ??= payload.value.taskId;
        yield* this.reached(payload.value.status, true);
        break;
      default: // an event of a later version
    }
  }

  private *appended(artifact: Artifact): Generator<ModelDelta> {
    yield* this.add(artifact.artifactId, textOf(artifact.parts));
  }

  /** An artifact as it is now. What has been shown of it is not taken back. */
  private *whole({ artifactId, parts }: Artifact): Generator<ModelDelta> {
    const known = this.texts.get(artifactId) ?? '';
    const text = textOf(parts);
    yield* this.add(artifactId, text.startsWith(known) ? text.slice(known.length) : text);
  }

  private *add(id: string, text: string): Generator<ModelDelta> {
    if (text === '') return;
    const begins = !this.texts.has(id) && this.hasBegun;
    this.texts.set(id, (this.texts.get(id) ?? '') + text);
    yield { type: 'text', text: begins ? `\n\n${text}` : text };
  }

  private *reached(status: TaskStatus | undefined, isNews: boolean): Generator<ModelDelta> {
    if (!status) return;
    const { state, message } = status;
    if (FAILED.has(state)) throw failed(clip(message ? textOf(message.parts) : '', DETAIL_MAX_CHARS));
    if (ASKING.has(state) || (state === TaskState.TASK_STATE_COMPLETED && !this.hasBegun && message))
      yield* this.said(message);
    else if (message && isNews && state !== TaskState.TASK_STATE_COMPLETED) yield* shown(message.parts);
    this.hasEnded = ASKING.has(state) || state === TaskState.TASK_STATE_COMPLETED;
  }

  private *said(message: Message | undefined): Generator<ModelDelta> {
    yield* this.add('message', message ? textOf(message.parts) : '');
  }
}

const textOf = (parts: readonly Part[]): string =>
  parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('');

/** What an agent tells on the way: words, and from another Reprise its events. */
function* shown(parts: readonly Part[]): Generator<ModelDelta> {
  for (const { content, metadata } of parts) {
    if (content?.$case === 'text' && content.value !== '') {
      const isThought = (metadata as Record<string, unknown> | undefined)?.['kind'] === 'reasoning';
      yield { type: isThought ? 'reasoning' : 'status', text: content.value };
    }
    if (content?.$case !== 'data') continue;
    for (const [event, fields] of Object.entries(asJsonObject(content.value) ?? {})) {
      const data = JSON.stringify({ ...asJsonObject(fields), type: event });
      for (const step of readRemoteFrame({ event: undefined, id: undefined, data }))
        if (step !== 'end' && step.type === 'event') yield step;
    }
  }
}
