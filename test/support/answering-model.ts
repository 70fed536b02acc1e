import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CONTINUE_INSTRUCTION } from '../../src/agent/asking/continuation.js';
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

const PIECE_MS = 8;
const UNKNOWN = 'Error: outcome unknown';

/**
 * A stateless OpenAI-compatible model: it derives the state of a run from the transcript, and continues from there as
 * the script says. A transcript that does not match its script means that a run was resumed incorrectly. Its call ids
 * are new in each answer, as with real models; tools receive them as the argument `call` if the script has one.
 */
export class AnsweringModel {
  /** Faults in transcripts. Stays empty. */
  readonly violations: string[] = [];
  /** Requests so far. */
  asked = 0;

  private constructor(
    private readonly server: Server,
    private readonly script: (question: string) => PlannedTurn[],
  ) {
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.receive(request, response).catch(() => undefined); // the connection was cut
    });
  }

  static async start(script: (question: string) => PlannedTurn[]): Promise<AnsweringModel> {
    const model = new AnsweringModel(createServer(), script);
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
    const { messages } = JSON.parse(body) as { messages: TranscriptMessage[] };
    await this.answer(messages, response);
  }

  private async answer(messages: TranscriptMessage[], response: ServerResponse): Promise<void> {
    const start = messages.findLastIndex(
      ({ role, content }) => role === 'user' && content !== CONTINUE_INSTRUCTION,
    );
    const question = messages[start]?.content ?? '';
    const since = messages.slice(start + 1);
    const partial = since.at(-1)?.role === 'user' ? (since.at(-2)?.content ?? '') : '';
    const script = this.script(question);
    const past = pastTurns(since);
    const turn = script[past.length];
    const wrong = fault(script, past, partial);
    if (wrong !== undefined) this.violations.push(`${question}: ${wrong}\n${JSON.stringify(since)}`);
    if (turn) await speak(turn, partial, new ModelAnswer(messages, response), response);
    else response.writeHead(400).end();
  }
}

async function speak(
  turn: PlannedTurn,
  said: string,
  answer: ModelAnswer,
  response: ServerResponse,
): Promise<void> {
  const rest = turn.text.slice(said.length);
  for (const piece of rest.match(/\s*\S+/g) ?? []) {
    answer.text(piece);
    await delay(PIECE_MS);
    if (response.destroyed) return;
  }
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
