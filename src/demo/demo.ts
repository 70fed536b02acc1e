import type { StreamEvent } from '@reprise/protocol';
import { DemoClient } from './demo-client.js';
import type { TextFile } from './folder.js';
import type { Printer } from './printer.js';

/** Events after which the demo drops its own connection; each time, this many more. */
const CUTS = [4, 9];

/** How often to report progress while waiting, ms. */
const TELL_MS = 1000;

interface Created {
  message_id: string;
  stream_url: string;
}

/** One question, watched live over dropped connections, then replayed and compared. */
export class Demo {
  private readonly client: DemoClient;

  constructor(
    url: string,
    private readonly printer: Printer,
  ) {
    this.client = new DemoClient(url);
  }

  async load(files: readonly TextFile[]): Promise<void> {
    let told = performance.now();
    for (const [index, file] of files.entries()) {
      await this.client.request('POST', '/api/documents', file);
      if (performance.now() - told < TELL_MS) continue;
      told = performance.now();
      this.printer.note(`${index + 1} of ${files.length} documents loaded`);
    }
    this.printer.note(`${files.length} documents loaded`);
  }

  /** @returns whether the run completed and live and replay are identical. */
  async ask(question: string): Promise<boolean> {
    const { chat_id } = await this.client.request<{ chat_id: string }>('POST', '/api/users/demo/chats', {});
    const body = { content: question };
    const created = await this.client.request<Created>('POST', `/api/chats/${chat_id}/messages`, body);
    this.printer.note(`following ${created.stream_url}`);
    const live = await this.watch(created.stream_url);
    const same = await this.compareWithReplay(created.message_id, live);
    await this.showAnswer(chat_id);
    const end = live.at(-1);
    return same && end?.type === 'end' && end.status === 'completed';
  }

  private async watch(streamUrl: string): Promise<StreamEvent[]> {
    const seen: StreamEvent[] = [];
    for (const cut of [...CUTS, Infinity]) {
      if (seen.at(-1)?.type === 'end') break;
      await this.watchUntil(streamUrl, seen, cut);
    }
    return seen;
  }

  private async watchUntil(streamUrl: string, seen: StreamEvent[], cut: number): Promise<void> {
    for await (const event of this.client.connect(streamUrl, seen.at(-1)?.id)) {
      seen.push(event);
      this.printer.event(event);
      if (seen.length < cut || event.type === 'end') continue;
      this.printer.note(`connection dropped on purpose; resuming after ${event.id}`);
      return;
    }
  }

  private async compareWithReplay(messageId: string, live: StreamEvent[]): Promise<boolean> {
    const replay = await this.client.request<StreamEvent[]>('GET', `/api/messages/${messageId}/events`);
    const same = JSON.stringify(replay) === JSON.stringify(live);
    const verdict = same ? 'identical, byte for byte' : 'NOT identical';
    this.printer.note(`live: ${live.length} events; replayed: ${replay.length} events: ${verdict}`);
    return same;
  }

  private async showAnswer(chatId: string): Promise<void> {
    interface Message {
      role: string;
      content: string;
    }
    const { items } = await this.client.request<{ items: Message[] }>('GET', `/api/chats/${chatId}/messages`);
    const answer = items.find((message) => message.role === 'assistant');
    this.printer.block('The answer as stored', answer?.content ?? '(none)');
  }
}
