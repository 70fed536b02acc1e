import { parseEvent, type EventType, type StreamEvent } from '@reprise/protocol';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';

/** The application with a model that does what the test says. */
export interface Stage {
  app: TestApp;
  model: ScriptedModel;
  client: Client;
  close(): Promise<void>;
}

export async function setStage(env: Record<string, string> = {}): Promise<Stage> {
  const model = await ScriptedModel.start();
  const app = await startTestApp({ ...model.env, ...env });
  const close = async (): Promise<void> => {
    await app.destroy();
    await model.stop();
  };
  return { app, model, client: new Client(app.url), close };
}

/** Text that breaks code that builds frames by hand: line breaks of every kind, emoji, quotes, frame syntax. */
export const HARD_TEXT =
  'a\nb\r\nc\rd\u2028e\u2029f \u{1F468}\u200D\u{1F469}\u200D\u{1F467} "quoted" \\ \u0000data: x\n\nevent: end\nid: 1\n\n: æøå';

/** The same without what the contract does not allow to be stored: NUL. */
export const HARD_TEXT_STORED = HARD_TEXT.replaceAll('\u0000', '');

export const PLAN = [
  { id: 'todo-1', text: 'Write', status: 'in_progress' },
  { id: 'todo-2', text: 'Answer', status: 'pending' },
];

/**
 * Plays a run with every kind of event except approvals and `error`: thinking, a plan, good and bad tool calls, text.
 */
export async function playRichRun(model: ScriptedModel, question: string): Promise<void> {
  const first = await model.next(question);
  first
    .reasoning('First I think.\n\nThen I think again.')
    .toolCall('update_plan', { items: PLAN }, 'plan_1')
    .toolCall('write_file', { path: 'notes.md', content: HARD_TEXT }, 'write_1')
    .toolCall('read_file', { path: 'missing.md' }, 'read_1')
    .finish({ prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 });
  const second = await model.next(question);
  second
    .text('# Answer\n\n')
    .text(HARD_TEXT)
    .finish({ prompt_tokens: 200, completion_tokens: 30, total_tokens: 230 });
}

export const RICH_ANSWER = `# Answer\n\n${HARD_TEXT_STORED}`;

/**
 * Every event is valid by the protocol, belongs to the message, and `seq` counts from 0 without gaps up to the single
 * `end`.
 */
export function expectWholeLog(events: readonly StreamEvent[], of: { message_id: string }): void {
  const parsed = events.map((event) => parseEvent(event));
  expect(parsed.filter(({ kind }) => kind !== 'event')).toEqual([]);
  expect(events.map((event) => Number(event.id.split('_')[1]))).toEqual(events.map((_, index) => index));
  expect(new Set(events.map((event) => event.message_id))).toEqual(new Set([of.message_id]));
  expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
  const ends = events.flatMap((event, index) => (event.type === 'end' ? [index] : []));
  expect(ends).toEqual([events.length - 1]);
}

export const typesOf = (events: readonly StreamEvent[]): EventType[] => events.map((event) => event.type);

export const ofType = <T extends EventType>(events: readonly StreamEvent[], type: T): StreamEvent<T>[] =>
  events.filter((event) => event.type === type) as unknown as StreamEvent<T>[];

/** The only event of its type. */
export function theOne<T extends EventType>(events: readonly StreamEvent[], type: T): StreamEvent<T> {
  const [only, ...others] = ofType(events, type);
  if (!only || others.length > 0)
    throw new Error(`Expected one "${type}", have ${typesOf(events).join(' ')}`);
  return only;
}
