import { AbstractChat, DefaultChatTransport, type ChatInit, type ChatState, type UIMessage } from 'ai';
import { until } from '../support/until.js';

type Status = ChatState<UIMessage>['status'];

class State implements ChatState<UIMessage> {
  status: Status = 'ready';
  error: Error | undefined;

  constructor(public messages: UIMessage[]) {}

  pushMessage = (message: UIMessage): void => {
    this.messages = [...this.messages, message];
  };
  popMessage = (): void => {
    this.messages = this.messages.slice(0, -1);
  };
  replaceMessage = (index: number, message: UIMessage): void => {
    this.messages = this.messages.with(index, structuredClone(message));
  };
  snapshot = <T>(thing: T): T => structuredClone(thing);
}

/** What a page does with the AI SDK, without a browser: the class behind `useChat`. */
export class Page extends AbstractChat<UIMessage> {
  /** Requests so far, as `METHOD /path`. */
  readonly requests: string[] = [];
  /** Bodies of the POSTs. */
  readonly bodies: any[] = [];
  readonly heads: Headers[] = [];

  static at(
    url: string,
    id: string,
    {
      query = '',
      messages = [],
      ...init
    }: { query?: string; messages?: UIMessage[] } & Partial<ChatInit<UIMessage>> = {},
  ): Page {
    const own = { requests: [] as string[], bodies: [] as unknown[], heads: [] as Headers[] };
    const watch: typeof fetch = async (input, options) => {
      const { pathname } = new URL(input);
      own.requests.push(`${options?.method ?? 'GET'} ${pathname}`);
      if (options?.body !== undefined) own.bodies.push(JSON.parse(options.body as string));
      const response = await fetch(input, options);
      own.heads.push(response.headers);
      return response;
    };
    const transport = new DefaultChatTransport<UIMessage>({
      api: `${url}/api/ai-sdk/chat${query}`,
      fetch: watch,
    });
    return Object.assign(new Page({ id, transport, state: new State(messages), ...init }), own);
  }

  /** The text of the last message. */
  get text(): string {
    return textOf(this.lastMessage);
  }

  /** The tools of the last message, with their states. */
  get tools(): [name: string, state: string][] {
    return toolsOf(this.lastMessage).map(({ toolName, state }) => [toolName, state]);
  }

  async shows(text: string): Promise<void> {
    await until(`the page shows ${JSON.stringify(text)}`, () => this.text === text || undefined).catch(
      (error: unknown) => {
        const shown = JSON.stringify([this.status, this.error?.message, this.lastMessage]);
        throw new Error(`${String(error)} It shows ${shown}`);
      },
    );
  }

  is(status: Status): Promise<unknown> {
    return until(`the page is ${status}`, () => this.status === status || undefined);
  }
}

export const textOf = (message: UIMessage | undefined): string =>
  (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('');

type DynamicTool = Extract<UIMessage['parts'][number], { type: 'dynamic-tool' }>;

export const toolsOf = (message: UIMessage | undefined): DynamicTool[] =>
  (message?.parts ?? []).filter((part) => part.type === 'dynamic-tool');

/** What JSON keeps of messages. */
export const plain = (messages: UIMessage[]): UIMessage[] =>
  JSON.parse(JSON.stringify(messages)) as UIMessage[];
