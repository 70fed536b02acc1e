import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { parseEvent, type StreamEvent } from '@reprise/protocol';
import { z } from 'zod';
import type { EarlierExchange, JournaledCall } from '../agent/index.js';
import { parseJson } from '../common/index.js';

/** A log that cannot be replayed; the message says why. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

/** A run as it was recorded. */
export interface Recording {
  question: string | undefined;
  history: EarlierExchange[];
  events: StreamEvent[];
  /** With whole arguments and results, as far as the file has them. */
  calls: JournaledCall[];
}

const question = z.looseObject({
  message_id: z.string(),
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  reply_to: z.string().optional(),
});
const toolCall = z.looseObject({
  message_id: z.string(),
  call_id: z.string(),
  step: z.number(),
  position: z.number(),
  name: z.string(),
  arguments: z.string(),
  result: z.string().nullable(),
  status: z.enum(['running', 'ok', 'error']),
  error_code: z.string().optional(),
});
type Message = z.infer<typeof question>;
type ToolCall = z.infer<typeof toolCall>;

/** Reads a file. @param message id of the question; default: the last. @throws RecordingError, file system errors. */
export async function readRecording(file: string, message?: string): Promise<Recording> {
  const bytes = await readFile(file);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
  const values = text.trimStart().startsWith('[') ? arrayIn(text) : linesIn(text);
  const [first] = values;
  const isExport =
    typeof first === 'object' && first !== null && 'type' in first && first.type === 'reprise-export';
  const recording = isExport ? fromExport(values.slice(1), message) : fromEvents(values);
  if (recording.events.at(-1)?.type !== 'end')
    throw new RecordingError('The log has no end: the run was not over, or the file is truncated.');
  return recording;
}

function arrayIn(text: string): unknown[] {
  const value = parseJson(text);
  if (!Array.isArray(value)) throw new RecordingError('The file is not valid JSON.');
  return value;
}

function linesIn(text: string): unknown[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const value = parseJson(line);
    if (value === undefined) throw new RecordingError(`Line ${index + 1} is not valid JSON.`);
    return [value];
  });
}

function eventOf(value: unknown, place: number): StreamEvent {
  const parsed = parseEvent(value);
  if (parsed.kind === 'invalid')
    throw new RecordingError(`Event ${place + 1} is not valid: ${parsed.reason}.`);
  if (parsed.kind === 'unknown')
    throw new RecordingError(`Event ${place + 1} has the unknown type "${parsed.type}".`);
  return parsed.event;
}

function fromEvents(values: readonly unknown[]): Recording {
  const events = values.map(eventOf);
  const [first] = events;
  if (!first) throw new RecordingError('The file is empty.');
  if (events.some(({ message_id }) => message_id !== first.message_id))
    throw new RecordingError('The file has the events of several runs.');
  return { question: undefined, history: [], events, calls: callsIn(events) };
}

function fromExport(values: readonly unknown[], wanted: string | undefined): Recording {
  const lines = values.map((value) => value as Record<string, unknown>);
  const messages = lines.flatMap((line) => parsed(question, line, 'message'));
  const questions = messages.filter(({ role }) => role === 'user');
  const chosen = wanted === undefined ? questions.at(-1) : questions.find((one) => one.message_id === wanted);
  if (!chosen)
    throw new RecordingError(
      wanted === undefined ? 'The export has no question.' : `The export has no question "${wanted}".`,
    );
  const id = chosen.message_id;
  const events = lines
    .flatMap(({ kind, event }) => (kind === 'event' ? [event] : []))
    .map(eventOf)
    .filter(({ message_id }) => message_id === id);
  if (events.length === 0)
    throw new RecordingError('The export has no events of this question: they have expired.');
  const stored = lines.flatMap((line) => parsed(toolCall, line, 'tool_call'));
  const calls = withParents(
    stored.filter(({ message_id }) => message_id === id),
    events,
  );
  return { question: chosen.content, history: historyOf(questions, chosen, messages), events, calls };
}

function parsed<S extends z.ZodType>(schema: S, line: Record<string, unknown>, kind: string): z.infer<S>[] {
  if (line['kind'] !== kind) return [];
  const { data, error } = schema.safeParse(line[kind]);
  if (!data)
    throw new RecordingError(`A ${kind} of the export is not valid: ${error?.issues[0]?.message ?? ''}.`);
  return [data];
}

function historyOf(
  questions: readonly Message[],
  chosen: Message,
  messages: readonly Message[],
): EarlierExchange[] {
  return questions.slice(0, questions.indexOf(chosen)).map(({ message_id, content }) => {
    const answer = messages.find(({ reply_to }) => reply_to === message_id)?.content;
    return { message_id, question: content, without_tools: true, ...(answer && { answer }) };
  });
}

/** Which call has started the agent of a call is in the log. */
function withParents(calls: readonly ToolCall[], events: readonly StreamEvent[]): JournaledCall[] {
  const parents = new Map(
    events.flatMap((event) =>
      event.type === 'tool_start' || event.type === 'approval_required'
        ? [[event.call_id, event.parent_call_id] as const]
        : [],
    ),
  );
  return calls.map((call) => recordOf({ ...call, parent_call_id: parents.get(call.call_id) }));
}

/** A turn ends when its calls have: the next call belongs to another one. */
function callsIn(events: readonly StreamEvent[]): JournaledCall[] {
  const calls = new Map<string, ReturnType<typeof recordOf>>();
  const turns = new Map<string | undefined, { step: number; open: number; position: number }>();
  for (const event of events) {
    if (event.type !== 'tool_start' && event.type !== 'tool_end') continue;
    const turn = turns.get(event.parent_call_id) ?? { step: 0, open: 0, position: 0 };
    turns.set(event.parent_call_id, turn);
    const known = calls.get(event.call_id);
    if (event.type === 'tool_start' && !known) {
      if (turn.open === 0) Object.assign(turn, { step: turn.step + 1, position: 0 });
      turn.open++;
      if (event.args === undefined)
        throw new RecordingError(
          `The log has only a summary of the arguments of ${event.name} (${event.call_id}). Use an export.`,
        );
      const { call_id, name, message_id, parent_call_id } = event;
      const text = typeof event.args === 'string' ? event.args : JSON.stringify(event.args);
      const place = { step: turn.step, position: turn.position++ };
      const call = { message_id, call_id, name, parent_call_id, arguments: text, ...place };
      calls.set(call_id, recordOf({ ...call, result: null, status: 'running' }));
    } else if (event.type === 'tool_end' && known) {
      turn.open--;
      const result = event.result ?? event.result_summary;
      known.result = typeof result === 'string' ? result : JSON.stringify(result);
      if (event.error_code !== undefined) known.result = `Error: ${event.result_summary}`;
      known.status = event.status;
      if (event.error_code !== undefined) known.error_code = event.error_code;
    }
  }
  return [...calls.values()];
}

type Parts = Pick<JournaledCall, 'message_id' | 'call_id' | 'step' | 'position' | 'name' | 'arguments'> &
  Pick<JournaledCall, 'result' | 'status'> & {
    parent_call_id?: string | undefined;
    error_code?: string | undefined;
  };

/** When it ran does not matter to a replay; all calls of a run count as recorded by one worker. */
function recordOf({ parent_call_id, error_code, ...call }: Parts): JournaledCall {
  return {
    ...call,
    chat_id: '',
    ms: null,
    started_at: new Date(0),
    ended_at: null,
    ...(parent_call_id !== undefined && { parent_call_id }),
    ...(error_code !== undefined && { error_code }),
  };
}
