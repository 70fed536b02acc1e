// What runs in the browser: components on the hooks of `libs/react`, mounted and unmounted by the spec.
import { RepriseClient } from '@reprise/client';
import { RepriseProvider, useRun, useStreamingMessage } from '@reprise/react';
import { createElement as h, StrictMode, type ReactElement, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

/** One component on the page. A different key is a different component. */
export type Item =
  | { key: string; kind: 'question'; chatId: string; question: string }
  | { key: string; kind: 'run'; messageId: string };

/** What the spec finds in the browser's global object. */
export interface Stage {
  /** Shows exactly these. */
  show(items: Item[]): void;
  /** How often each component was rendered. */
  renders: Record<string, number>;
}

declare const document: { body: Parameters<typeof createRoot>[0] };
declare const location: { search: string };

const stage = globalThis as unknown as Stage;
stage.renders = {};

const server = new URLSearchParams(location.search).get('server') ?? '';
const client = new RepriseClient({ baseUrl: server });
const root = createRoot(document.body);

const field = (name: string, value: ReactNode): ReactElement => h('p', { 'data-field': name }, value);
const button = (name: string, act: () => Promise<void>): ReactElement =>
  h('button', { name, onClick: () => void act() }, name);

function Question({ item }: { item: Item & { kind: 'question' } }): ReactElement {
  stage.renders[item.key] = (stage.renders[item.key] ?? 0) + 1;
  // A new object with each render, as components create them.
  const message = useStreamingMessage(item.chatId, item.question, { from: 'the page' });
  return h(
    'section',
    { id: item.key },
    field('messageId', message.messageId),
    field('content', message.content),
    field('status', message.status),
    field('error', message.error),
    field('streaming', String(message.isStreaming)),
    field('connection', message.connection.state),
    field('tools', message.toolCalls.map(({ name, status }) => `${name} ${status}`).join()),
    field('rationale', message.rationale),
    button('cancel', message.cancel),
    button('retry', message.retry),
    button('more', () => message.sendMessage('And more?')),
  );
}

function Run({ item }: { item: Item & { kind: 'run' } }): ReactElement {
  stage.renders[item.key] = (stage.renders[item.key] ?? 0) + 1;
  const { state, error, isStreaming, connection } = useRun(item.messageId);
  return h(
    'section',
    { id: item.key },
    field('content', state.content),
    field('status', state.status),
    field('error', error?.code),
    field('streaming', String(isStreaming)),
    field('connection', connection.state),
  );
}

stage.show = (items) => {
  const components = items.map((item) =>
    item.kind === 'question' ? h(Question, { key: item.key, item }) : h(Run, { key: item.key, item }),
  );
  root.render(h(StrictMode, null, h(RepriseProvider, { client }, components)));
};
