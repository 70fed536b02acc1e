import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CONTINUE_INSTRUCTION } from '../../src/agent/asking/continuation.js';
import { MessagesAnswer, readMessages, type MessagesRequest } from './messages-answer.js';
import { ModelAnswer, type AskedMessage } from './scripted-model.js';

/** A tool call in a script. */
export interface PlannedCall {
  name: string;
  args: Record<string, string>;
  /** The tool's result. */
  result: string;
}

/** One model turn of a script: text, then tool calls; a turn without calls is the last. */
export interface PlannedTurn {
  text: string;
  calls: PlannedCall[];
}

interface TranscriptMessage extends AskedMessage {
  tool_calls?: { id: string; function: { name: string; arguments: string } }[];
}

/** Completed model turns of the transcript. */
interface PastTurn {
  text: string;
  calls: { name: string; args: Record<string, string>; result: string | undefined }[];
}

/** What the model of an agent does with a question. @param instructions of the agent. */
export type Script = (question: string, instructions: string) => PlannedTurn[];

/** How a server fails that is asked in Chat Completions. */
type Failure = 'HTTP 429' | 'HTTP 500' | 'HTTP 503' | 'error in the stream' | 'cut';

const FAILURES: readonly Failure[] = [
  'HTTP 429',
  'HTTP 500',
  'HTTP 503',
  'error in the stream',
  'cut',
  'cut',
];

/** Writes one turn. */
type Answer = Pick<MessagesAnswer, 'toolCall' | 'finish'> & { text(piece: string): unknown };

const PIECE_MS = 8;
const UNKNOWN = 'Error: outcome unknown';

/**
 * A stateless model that speaks Chat Completions and the Messages API: it derives the state of a run from the transcript, and continues from there as
 * the script says. A transcript that does not match its script means that a run was resumed incorrectly. Its call ids
 * are new in each answer, as with real models; tools receive them as the argument `call` if the script has one.
 */
export class AnsweringModel {
  /** Faults in transcripts. Stays empty. */
  readonly violations: string[] = [];
  /** Requests so far. */
  asked = 0;
  /** How often it failed in which way. */
  readonly failures = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    private readonly script: Script,
    private readonly fails: () => number | undefined,
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.receive(request, response).catch(() => undefined); // the connection was cut
    });
  }

  /**
   * @param fails asked for each request in Chat Completions: a number from 0 to 1, which decides how it fails, or
   *   nothing. Requests of the Messages API are all answered.
   */
  static async start(
    script: Script,
    fails: () => number | undefined = () => undefined,
  ): Promise<AnsweringModel> {
    const model = new AnsweringModel(createServer(), script, fails);
    await once(model.server.listen(0, '127.0.0.1'), 'listening');
    return model;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json').end('{"object":"list","data":[]}');
      return;
    }
    let body = '';
    request.setEncoding('utf8'); // a chunk may end within a character
    for await (const chunk of request) body += String(chunk);
    this.asked++;
    if (request.url?.endsWith('/messages') === true) {
      const messages = readMessages(JSON.parse(body) as MessagesRequest);
      const turn = this.nextTurn(messages);
      if (turn) await speak(turn, new MessagesAnswer(response), response);
      else response.writeHead(400).end();
      return;
    }
    const { messages } = JSON.parse(body) as { messages: TranscriptMessage[] };
    const turn = this.nextTurn(messages);
    const failure = this.nextFailure();
    if (failure?.startsWith('HTTP')) response.writeHead(Number(failure.slice(5))).end('{}');
    else if (!turn) response.writeHead(400).end();
    else if (failure) await breakOff(turn, failure, new ModelAnswer(messages, response), response);
    else await speak(turn, new ModelAnswer(messages, response), response);
  }

  private nextFailure(): Failure | undefined {
    const chance = this.fails();
    if (chance === undefined) return undefined;
    const failure = FAILURES[Math.floor(chance * FAILURES.length)] ?? 'cut';
    this.failures.set(failure, (this.failures.get(failure) ?? 0) + 1);
    return failure;
  }

  /** What remains to be said of the next turn; undefined if there is none. */
  private nextTurn(messages: readonly TranscriptMessage[]): PlannedTurn | undefined {
    const start = messages.findLastIndex(
      ({ role, content }) => role === 'user' && content !== CONTINUE_INSTRUCTION,
    );
    const question = messages[start]?.content ?? '';
    const since = messages.slice(start + 1);
    const partial = since.at(-1)?.role === 'user' ? (since.at(-2)?.content ?? '') : '';
    const instructions = messages.find(({ role }) => role === 'system')?.content ?? '';
    const script = this.script(question, instructions);
    const past = pastTurns(since);
    const wrong = fault(script, past, partial);
    if (wrong !== undefined) this.violations.push(`${question}: ${wrong}\n${JSON.stringify(since)}`);
    const turn = script[past.length];
    return turn && { ...turn, text: turn.text.slice(partial.length) };
  }
}

async function say(text: string, answer: Answer, response: ServerResponse): Promise<void> {
  for (const piece of text.match(/\s*\S+/g) ?? []) {
    answer.text(piece);
    await delay(PIECE_MS);
    if (response.destroyed) return;
  }
}

/** Says the first half, and then nothing more. */
async function breakOff(
  { text }: PlannedTurn,
  failure: Failure,
  answer: ModelAnswer,
  response: ServerResponse,
): Promise<void> {
  await say(text.slice(0, text.length / 2), answer, response);
  if (failure === 'cut') response.destroy();
  else {
    answer.bytes('data: {"error":{"message":"Overloaded.","code":"overloaded"}}\n\n');
    answer.end();
  }
}

async function speak(turn: PlannedTurn, answer: Answer, response: ServerResponse): Promise<void> {
  await say(turn.text, answer, response);
  if (response.destroyed) return;
  for (const { name, args } of turn.calls) {
    const id = `call_${randomUUID()}`;
    answer.toolCall(name, 'call' in args ? { ...args, call: id } : args, id);
  }
  answer.finish();
}

function pastTurns(since: readonly TranscriptMessage[]): PastTurn[] {
  const results = new Map(since.map(({ tool_call_id, content }) => [tool_call_id, content ?? '']));
  return since
    .filter(({ tool_calls }) => tool_calls !== undefined)
    .map(({ content, tool_calls = [] }) => ({
      text: content ?? '',
      calls: tool_calls.map(({ id, function: { name, arguments: text } }) => {
        const args = JSON.parse(text) as Record<string, string>;
        return { name, args: 'call' in args ? { ...args, call: '' } : args, result: results.get(id) };
      }),
    }));
}

function fault(
  script: readonly PlannedTurn[],
  past: readonly PastTurn[],
  partial: string,
): string | undefined {
  for (const [index, { text, calls }] of past.entries()) {
    const planned = script[index];
    if (text !== planned?.text) return `turn ${index + 1} has the text "${text}"`;
    const expected = planned.calls.map(({ name, args, result }) => ({ name, args, result }));
    const told = calls.map((call, place) => {
      const isUnknown = /^(buy|order)$/.test(call.name) && call.result?.startsWith(UNKNOWN);
      return isUnknown ? { ...call, result: expected[place]?.result } : call;
    });
    if (!isDeepStrictEqual(told, expected)) return `turn ${index + 1} has the calls ${JSON.stringify(calls)}`;
  }
  const text = script[past.length]?.text;
  return text?.startsWith(partial) ? undefined : `turn ${past.length + 1} shall continue "${partial}"`;
}
