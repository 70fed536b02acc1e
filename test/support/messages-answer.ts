import type { ServerResponse } from 'node:http';
import { event, messageEnd, messageStart } from './messages-api.js';
import type { AskedMessage } from './scripted-model.js';

interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
  tool_use_id?: string;
  content?: string | Block[];
}

/** A request of the Messages API, as far as {@link readMessages} needs it. */
export interface MessagesRequest {
  system?: string | Block[];
  messages: { role: 'user' | 'assistant'; content: string | Block[] }[];
}

/** The transcript of a request of the Messages API, as Chat Completions would have it. */
export function readMessages({ system, messages }: MessagesRequest): AskedMessage[] {
  const instructions = system === undefined ? [] : [{ role: 'system' as const, content: textIn(system) }];
  return [
    ...instructions,
    ...messages.flatMap(({ role, content }) => {
      const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
      return role === 'assistant' ? assistantMessages(blocks) : userMessages(blocks);
    }),
  ];
}

/** What the model said in one turn, or in several that the API joins: text after a call begins another one. */
function assistantMessages(blocks: readonly Block[]): AskedMessage[] {
  const calls = blocks.flatMap(({ type, id = '', name = '', input }) =>
    type === 'tool_use' ? [{ id, function: { name, arguments: JSON.stringify(input) } }] : [],
  );
  const content = textIn(blocks);
  return [{ role: 'assistant', content, ...(calls.length > 0 && { tool_calls: calls }) }];
}

function userMessages(blocks: readonly Block[]): AskedMessage[] {
  return blocks.map((block) =>
    block.type === 'tool_result'
      ? { role: 'tool', tool_call_id: block.tool_use_id ?? '', content: textIn(block.content ?? '') }
      : { role: 'user', content: block.text ?? '' },
  );
}

const textIn = (content: string | readonly Block[]): string =>
  typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('');

/** One model turn in the Messages API: text first, then calls. */
export class MessagesAnswer {
  private index = 0;
  private writes = false;
  private calls = 0;

  constructor(private readonly response: ServerResponse) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(messageStart());
  }

  text(text: string): void {
    if (!this.writes) {
      this.writes = true;
      this.response.write(
        event('content_block_start', { index: this.index, content_block: { type: 'text', text: '' } }),
      );
    }
    this.response.write(
      event('content_block_delta', { index: this.index, delta: { type: 'text_delta', text } }),
    );
  }

  toolCall(name: string, input: unknown, id: string): void {
    this.closeText();
    const index = this.index++;
    this.calls++;
    const delta = { type: 'input_json_delta', partial_json: JSON.stringify(input) };
    this.response.write(
      event('content_block_start', { index, content_block: { type: 'tool_use', id, name, input: {} } }) +
        event('content_block_delta', { index, delta }) +
        event('content_block_stop', { index }),
    );
  }

  finish(): void {
    this.closeText();
    this.response.end(messageEnd(this.calls > 0 ? 'tool_use' : 'end_turn'));
  }

  private closeText(): void {
    if (!this.writes) return;
    this.writes = false;
    this.response.write(event('content_block_stop', { index: this.index++ }));
  }
}
